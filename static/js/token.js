// The page of one token: its chart, its live price, and the forecasts of every timeframe as they come.

import { listen } from "./live.js";
import { changeParts, drawChances, writeConfidence, writeFreshness, writePrice } from "./market-table.js";
import { money } from "./format.js";
import { drawTokenChart } from "./token-chart.js";

let dispose = null;

function page() {
  return document.getElementById("token");
}

function cell(name) {
  return page().querySelector(`[data-cell="${name}"]`);
}

function showPrice(item) {
  if (item.symbol !== page()?.dataset.symbol) return;
  writePrice(cell("price"), item);
  if (item.change_percentage_24h !== null) cell("change").replaceChildren(changeParts(item.change_percentage_24h));
  const volume = cell("volume");
  if (volume && item.volume_24h !== null) volume.textContent = money(item.volume_24h);
  writeFreshness(page(), item);
}

// The figures that change most are written in place; the rest of the card comes with the next load.
function showForecast(said) {
  if (said.symbol !== page()?.dataset.symbol) return;
  const card = page().querySelector(`[data-outlook="${said.timeframe}"]`);
  const svg = card?.querySelector('[data-cell="said"] svg');
  if (!svg) return;
  drawChances(svg, said);
  writeConfidence(card.querySelector('[data-cell="confidence"]'), said);
}

async function draw() {
  dispose?.();
  dispose = null;
  const data = document.getElementById("chart-data");
  const place = document.getElementById("chart");
  if (data && place) dispose = await drawTokenChart(place, JSON.parse(data.textContent));
}

draw();
document.addEventListener("htmx:afterSettle", draw);
document.addEventListener("khalsi:theme", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

const symbol = page()?.dataset.symbol;
if (symbol) {
  const symbols = [symbol];
  listen({ channel: "prices", symbols }, showPrice);
  for (const card of document.querySelectorAll("[data-outlook]")) {
    listen({ channel: "predictions", timeframe: card.dataset.outlook, symbols }, showForecast);
  }
}
