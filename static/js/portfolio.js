// The overview of a portfolio: writes totals and holdings in place as frames bring them. What a frame cannot say (a
// transaction, a price gone stale, what came while the connection was away) is read anew from the server.

import { marketNow } from "./clock.js";
import { dollars, gain } from "./format.js";
import { listen } from "./live.js";
import { changeParts, signedParts, writePrice } from "./market-table.js";

const LOOK = 30000;
const staleAt = new Map(); // of each asset, as it was told last
let reading = false;

function figures() {
  return document.getElementById("figures");
}

function total(name) {
  return figures().querySelector(`[data-total="${name}"]`);
}

async function readAnew() {
  if (reading || !figures()) return;
  reading = true;
  staleAt.clear();
  try {
    await htmx.ajax("GET", location.pathname, { target: "#figures", swap: "outerHTML" });
  } finally {
    reading = false;
  }
}

// An unknown figure stays as the server wrote it.
function writeGain(target, value) {
  if (target && value !== null) target.replaceChildren(signedParts(gain(Number(value))));
}

function writePercent(target, value) {
  if (target && value !== null) target.replaceChildren(changeParts(value));
}

function writeTotals(value) {
  if (value.value_usd !== null) total("value").textContent = dollars(Number(value.value_usd));
  writeGain(total("day"), value.day_change_usd);
  writePercent(total("day-percent"), value.day_change_percent);
  writeGain(total("unrealised"), value.unrealised_usd ?? value.unrealised_known_usd);
}

function writeHolding(row, held) {
  const cell = (name) => row.querySelector(`[data-cell="${name}"]`);
  writePrice(cell("price"), { price: held.price_usd });
  cell("value").textContent = dollars(Number(held.value_usd));
  writeGain(cell("day"), held.day_change_usd);
  writePercent(cell("day-percent"), held.day_change_percent);
  writeGain(cell("unrealised"), held.unrealised_usd ?? held.unrealised_known_usd);
  row.querySelector("time[data-age]").dateTime = held.observed_at;
  staleAt.set(held.asset, Date.parse(held.stale_at));
}

function rowOf(held) {
  const row = figures().querySelector(`[data-asset="${CSS.escape(held.asset)}"]`);
  return row && held.price_usd !== null && row.dataset.freshnessOf === held.freshness ? row : null;
}

function show(frame) {
  const shown = figures();
  if (frame.type !== "portfolio" || frame.portfolio_id !== shown?.dataset.portfolio) return;
  const rows = frame.holdings.map(rowOf);
  if (String(frame.revision) !== shown.dataset.revision || rows.includes(null)) return void readAnew();
  frame.holdings.forEach((held, place) => writeHolding(rows[place], held));
  writeTotals(frame.value);
}

// Nobody tells that nothing came.
function noticeStale() {
  const now = marketNow();
  if ([...staleAt.values()].some((moment) => moment < now)) readAnew();
}

if (figures()) {
  listen({ channel: "user" }, show, readAnew);
  setInterval(noticeStale, LOOK);
}
