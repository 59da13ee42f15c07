// Writes live prices and forecasts into the cells of the market table, in place, so that focus and scroll stay.

import { change, money, price, share } from "./format.js";

const ARROWS = { up: "▲", down: "▼", sideways: "◆" };
const CLASSES = ["up", "down", "sideways"];

function rowOf(symbol) {
  return document.querySelector(`[data-symbol="${CSS.escape(symbol)}"]`);
}

function cell(row, name) {
  return row.querySelector(`[data-cell="${name}"]`);
}

export function element(name, css, text = "") {
  const made = document.createElement(name);
  if (css) made.className = css;
  made.textContent = text;
  return made;
}

export function changeParts(value) {
  return signedParts(change(value));
}

export function signedParts({ css, arrow, word, text }) {
  const whole = element("span", `change change--${css}`);
  const sign = element("span", "", `${arrow} `);
  sign.setAttribute("aria-hidden", "true");
  whole.append(sign, element("span", "visually-hidden", `${word} `), text);
  return whole;
}

export function flash(target, direction) {
  target.classList.remove("flash-up", "flash-down");
  void target.offsetWidth; // restarts the animation where the last one still runs
  target.classList.add(`flash-${direction}`);
}

export function writePrice(target, item) {
  const before = Number(target.dataset.value ?? NaN);
  const text = price(item.price);
  if (target.textContent !== text) {
    target.textContent = text;
    if (before && before !== item.price) flash(target, item.price > before ? "up" : "down");
  }
  target.dataset.value = item.price;
}

export function writeFreshness(row, item) {
  const badge = row.querySelector("[data-freshness]");
  if (badge) {
    badge.className = `badge badge--${item.freshness}`;
    badge.textContent = item.freshness;
  }
  const time = row.querySelector("time[data-age]");
  if (time) time.dateTime = item.observed_at;
}

export function showPrice(item) {
  const row = rowOf(item.symbol);
  if (!row) return;
  writePrice(cell(row, "price"), item);
  if (item.change_percentage_24h !== null) cell(row, "change").replaceChildren(changeParts(item.change_percentage_24h));
  if (item.volume_24h !== null) cell(row, "volume").textContent = money(item.volume_24h);
  row.classList.toggle("is-stale", item.freshness === "stale");
  writeFreshness(row, item);
}

function words(said) {
  return CLASSES.map((name) => `${name} ${share(said[`probability_${name}`])}`).join(", ");
}

export function drawChances(svg, said) {
  const width = svg.viewBox.baseVal.width;
  let at = 0;
  for (const name of ["down", "sideways", "up"]) {
    const part = svg.querySelector(`[data-part="${name}"]`);
    const size = said[`probability_${name}`] * width;
    part.setAttribute("x", at);
    part.setAttribute("width", size);
    at += size;
  }
  const ticks = { down: said.baseline.probability_down, up: 1 - said.baseline.probability_up };
  for (const [name, share_] of Object.entries(ticks)) {
    const tick = svg.querySelector(`[data-tick="${name}"]`);
    tick?.setAttribute("x1", share_ * width);
    tick?.setAttribute("x2", share_ * width);
  }
  const told = svg.querySelector("desc");
  if (told) told.textContent = `Forecast: ${words(said)}. Baseline: ${words(said.baseline)}.`;
}

export function favouredOf(said) {
  return CLASSES.reduce((best, name) => (said[`probability_${name}`] > said[`probability_${best}`] ? name : best));
}

export function writeConfidence(target, said) {
  const favoured = favouredOf(said);
  const lean = element("span", `lean lean--${said.trend === null ? "sideways" : favoured}`);
  const arrow = element("span", "", ARROWS[favoured]);
  arrow.setAttribute("aria-hidden", "true");
  lean.append(arrow, ` ${favoured} `, element("strong", "", share(said.confidence_level)));
  const against = element("span", "against", `baseline ${share(said.baseline[`probability_${favoured}`])}`);
  target.replaceChildren(lean, " ", against);
}

// A first forecast has no bar yet to move; it appears with the next load of the page.
export function showForecast(said) {
  const row = rowOf(said.symbol);
  const svg = row && cell(row, "said").querySelector("svg");
  if (!svg) return;
  drawChances(svg, said);
  cell(row, "said").querySelector(".badge")?.toggleAttribute("hidden", said.freshness === "live");
  writeConfidence(cell(row, "confidence"), said);
  cell(row, "risk").textContent = said.risk_level;
}
