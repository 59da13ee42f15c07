// Candles with the forecast range drawn ahead as a fan, the baseline's range beside it, support and resistance, and past
// forecasts where they were issued.

import {
  CandlestickSeries,
  LineSeries,
  createChart,
} from "../vendor/lightweight-charts-5.2.1/lightweight-charts.standalone.production.mjs";
import { Band } from "./band.js";
import { price } from "./format.js";
import { Issued } from "./issued.js";

const SECONDS = { "15m": 900, "1h": 3600 };
const kept = new Map();

// Colours come from the style sheets; a canvas needs them resolved for the theme in force.
function colours() {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const names = ["surface", "line", "line-strong", "ink-faint", "accent", "up", "up-fill", "down", "down-fill", "level"];
  const found = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(found);
}

function faded(colour, percent) {
  return colour.replace("rgb(", "rgba(").replace(")", `, ${percent / 100})`);
}

function secondsOf(time) {
  return typeof time === "number" ? time : Math.floor(Date.parse(time) / 1000);
}

async function candles({ symbol, id, interval, history_hours: hours }) {
  const limit = Math.min(1000, Math.ceil((hours * 3600) / SECONDS[interval]));
  const address = `/api/v1/market/token/${encodeURIComponent(symbol)}/candles?interval=${interval}&limit=${limit}&id=${encodeURIComponent(id)}`;
  if (!kept.has(address)) kept.set(address, await fetched(address));
  return kept.get(address);
}

async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!body.success) throw new Error(body.error?.message ?? `The answer was ${answer.status}.`);
  const rows = Array.isArray(body.data) ? body.data : body.data.candles;
  return rows.map((row) => ({ ...row, time: secondsOf(row.time) }));
}

function newChart(place, colour) {
  return createChart(place, {
    autoSize: true,
    layout: {
      attributionLogo: true,
      background: { color: "transparent" },
      fontFamily: getComputedStyle(document.body).fontFamily,
      textColor: colour["ink-faint"],
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colour.line } },
    rightPriceScale: { borderColor: colour.line, scaleMargins: { top: 0.1, bottom: 0.08 } },
    timeScale: { borderColor: colour.line, timeVisible: true, secondsVisible: false, rightOffset: 2 },
    localization: { priceFormatter: price },
    handleScroll: { vertTouchDrag: false },
  });
}

// `base` is one over the smallest step; as a whole number it holds for prices of any size, where a step of 1e-9 does not.
function priceFormat(rows) {
  const digits = Math.max(2, 4 - Math.floor(Math.log10(rows.at(-1).close)));
  return { type: "price", base: 10 ** digits, precision: digits, minMove: 10 ** -digits };
}

function addPrices(chart, rows, colour) {
  const format = priceFormat(rows);
  if (rows.every((row) => row.open !== null && row.open !== undefined)) {
    const series = chart.addSeries(CandlestickSeries, {
      upColor: colour["up-fill"],
      downColor: colour["down-fill"],
      wickUpColor: colour["up-fill"],
      wickDownColor: colour["down-fill"],
      borderVisible: false,
      priceFormat: format,
    });
    series.setData(rows);
    return series;
  }
  const series = chart.addSeries(LineSeries, { color: colour.accent, lineWidth: 2, priceFormat: format });
  series.setData(rows.map((row) => ({ time: row.time, value: row.close })));
  return series;
}

// Between two knots the range opens with the square root of time, as a walk does; only the knots are claimed.
function fanPoints(fan, step) {
  const knots = [...fan].sort((a, b) => a.to - b.to);
  if (!knots.length) return [];
  const { from: start, reference } = knots[0];
  const here = { p10: reference, p50: reference, p90: reference, baseline_p10: reference, baseline_p90: reference };
  const ends = [{ to: start, ...here }, ...knots];
  const points = [];
  for (let at = start; at <= ends.at(-1).to; at += step) {
    const next = Math.max(1, ends.findIndex((knot) => knot.to >= at));
    const [a, b] = [ends[next - 1], ends[next]];
    const span = Math.sqrt(b.to - start) - Math.sqrt(a.to - start) || 1;
    const share = (Math.sqrt(at - start) - Math.sqrt(a.to - start)) / span;
    const between = (name) => Math.exp(Math.log(a[name]) * (1 - share) + Math.log(b[name]) * share);
    const baseline = { low: between("baseline_p10"), middle: reference, high: between("baseline_p90") };
    points.push({ time: at - step, low: between("p10"), middle: between("p50"), high: between("p90"), baseline });
  }
  return points;
}

function addLevels(series, data, colour) {
  const levels = [
    ...data.support.map((value) => ["support", value, colour["up-fill"]]),
    ...data.resistance.map((value) => ["resistance", value, colour["down-fill"]]),
  ];
  for (const [title, value, shade] of levels) {
    series.createPriceLine({ price: value, title, color: faded(shade, 60), lineWidth: 1, lineStyle: 3, axisLabelVisible: false });
  }
}

// Each stands at the candle whose close it was made from.
function addIssued(chart, data, rows, colour, step) {
  const drawn = new Set(rows.map((row) => row.time));
  const series = chart.addCustomSeries(new Issued(), {
    priceFormat: priceFormat(rows),
    inside: faded(colour["ink-faint"], 60),
    outside: colour["down-fill"],
    hit: colour.up,
    miss: colour.down,
    font: getComputedStyle(document.body).fontFamily,
    lastValueVisible: false,
    priceLineVisible: false,
  });
  series.setData(data.past.map((past) => ({ ...past, time: past.at - step })).filter(({ time }) => drawn.has(time)));
}

function addFan(chart, data, rows, colour, step) {
  const points = fanPoints(data.fan, step);
  const still = { priceFormat: priceFormat(rows), lastValueVisible: false, priceLineVisible: false };
  const baseline = chart.addCustomSeries(new Band(), { ...still, line: colour.level, outlineOnly: true });
  baseline.setData(points.map(({ time, baseline: beside }) => ({ time, ...beside })));
  const band = chart.addCustomSeries(new Band(), { ...still, fill: faded(colour.accent, 18), line: colour.accent });
  band.setData(points);
}

// Draws into `place` and returns how to take it away again. Where it fails, the still line of the server stays.
export async function drawTokenChart(place, data) {
  const state = document.querySelector("[data-chart-state]");
  try {
    state.textContent = "Loading candles…";
    const rows = await candles(data);
    if (!rows.length) throw new Error("There are no candles yet.");
    state.textContent = "";
    return paint(place, data, rows);
  } catch (error) {
    state.textContent = `The chart could not be drawn: ${error.message}`;
    return () => {};
  }
}

function paint(place, data, rows) {
  const colour = colours();
  const step = SECONDS[data.interval];
  const still = place.querySelector(".chart-still");
  still?.setAttribute("hidden", "");
  const chart = newChart(place, colour);
  addFan(chart, data, rows, colour, step);
  const series = addPrices(chart, rows, colour);
  addLevels(series, data, colour);
  addIssued(chart, data, rows, colour, step);
  chart.timeScale().fitContent();
  place.dataset.drawn = "true";
  return () => {
    chart.remove();
    delete place.dataset.drawn;
    still?.removeAttribute("hidden");
  };
}
