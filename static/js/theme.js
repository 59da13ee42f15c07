// Runs before the first paint, so it is no module: a chosen theme must not flash. Without a choice the system decides.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be forbidden; the system's theme it is.
  }
})();
