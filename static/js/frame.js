// What every page has: ages and market time that run on, and the choice of theme.

import { marketNow, minuteText, wallNow } from "./clock.js";
import { age } from "./format.js";

const THEMES = ["auto", "light", "dark"];

function refreshTimes() {
  const now = { market: marketNow(), wall: wallNow() };
  for (const element of document.querySelectorAll("time[data-age]")) {
    element.textContent = age((now[element.dataset.age] - Date.parse(element.dateTime)) / 1000);
  }
  for (const element of document.querySelectorAll("time[data-market-time]")) {
    element.textContent = minuteText(now.market);
  }
}

function showTheme() {
  document.getElementById("theme-name").textContent = document.documentElement.dataset.theme ?? "auto";
}

function nextTheme() {
  const root = document.documentElement;
  const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
  if (next === "auto") delete root.dataset.theme;
  else root.dataset.theme = next;
  try {
    localStorage.setItem("theme", next);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  document.dispatchEvent(new CustomEvent("khalsi:theme"));
}

const button = document.getElementById("theme");
if (button) {
  button.hidden = false;
  showTheme();
  button.addEventListener("click", () => {
    nextTheme();
    showTheme();
  });
}
setInterval(refreshTimes, 5000);
document.addEventListener("htmx:afterSettle", refreshTimes);
