// Runs before the first paint, so it is no module: a chosen theme must not flash. Without a choice in this browser the
// account's decides, which the page says, or else the system's.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
    if (chosen === "auto") delete document.documentElement.dataset.theme;
  } catch {
    // Storage may be forbidden; the system's theme it is.
  }
})();
