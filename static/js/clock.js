// Market time and wall time, running on from what the page said when it was made; a replay's market time runs faster.

const told = JSON.parse(document.getElementById("market-clock")?.textContent ?? "null");
const start = performance.now();

function since() {
  return performance.now() - start;
}

export function wallNow() {
  return told ? Date.parse(told.wall) + since() : Date.now();
}

export function marketNow() {
  return told ? Date.parse(told.market) + since() * told.speed : Date.now();
}

export function minuteText(moment) {
  return `${new Date(moment).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
