// The overview: listens to prices, and to the forecasts of the timeframe that the table shows.

import { listen } from "./live.js";
import { showForecast, showPrice } from "./market-table.js";

let stop = null;
let timeframe = "";

function follow() {
  const market = document.getElementById("market");
  if (!market || market.dataset.timeframe === timeframe) return;
  stop?.();
  timeframe = market.dataset.timeframe;
  stop = listen({ channel: "predictions", timeframe }, showForecast);
}

// ISO times in UTC stand in the order of their letters.
function show(item) {
  showPrice(item);
  const newest = document.querySelector("#newest-price time");
  if (newest && item.observed_at > newest.dateTime) newest.dateTime = item.observed_at;
}

listen({ channel: "prices" }, show);
follow();
document.addEventListener("htmx:afterSettle", follow);
