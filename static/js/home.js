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

listen({ channel: "prices" }, showPrice);
follow();
document.addEventListener("htmx:afterSettle", follow);
