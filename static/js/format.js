// How live values are written: the same rules as core/templatetags/khalsi.py, which a test compares with these.

const UNITS = [[1e12, " tn"], [1e9, " bn"], [1e6, " m"], [1e3, " k"]];

function grouped(size, decimals) {
  return size.toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

export function price(value) {
  if (value === 0) return "$0.00";
  const size = Math.abs(value);
  const decimals = size >= 10 ? 2 : size >= 1 ? 4 : Math.min(16, 3 - Math.floor(Math.log10(size)));
  return `${value < 0 ? "−" : ""}$${grouped(size, decimals)}`;
}

// What somebody owns: to the cent, below a cent the first four digits.
export function dollars(value) {
  const size = Math.abs(value);
  const decimals = size >= 0.01 || size === 0 ? 2 : Math.min(18, 3 - Math.floor(Math.log10(size)));
  return `${value < 0 ? "−" : ""}$${grouped(size, decimals)}`;
}

export function money(value) {
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  for (const [unit, word] of UNITS) {
    if (size >= unit * 0.9995) {
      const short = size / unit;
      return `${sign}$${short.toFixed(short < 9.995 ? 2 : short < 99.95 ? 1 : 0)}${word}`;
    }
  }
  return `${sign}$${grouped(size, 0)}`;
}

export function share(value, decimals = 0) {
  return `${(value * 100).toFixed(decimals)} %`;
}

// A signed change in percent as its parts, for the caller to put into elements.
export function change(value) {
  const shown = Math.round(value * 100) / 100;
  const [css, arrow, word, sign] =
    shown > 0 ? ["up", "▲", "up", "+"] : shown < 0 ? ["down", "▼", "down", "−"] : ["level", "■", "unchanged", ""];
  return { css, arrow, word, text: `${sign}${grouped(Math.abs(shown), 2)} %` };
}

// Profit or loss in dollars, as its parts.
export function gain(value) {
  const [css, arrow, word, sign] =
    value > 0 ? ["up", "▲", "up", "+"] : value < 0 ? ["down", "▼", "down", "−"] : ["level", "■", "unchanged", ""];
  return { css, arrow, word, text: `${sign}${dollars(Math.abs(value))}` };
}

export function span(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds >= 2 * 86400) return `${Math.floor(seconds / 86400)} d`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours < 10 && minutes ? `${hours} h ${minutes} min` : `${hours} h`;
}

export function age(seconds) {
  if (seconds < 0) return `in ${span(-seconds)}`;
  return seconds < 5 ? "just now" : `${span(seconds)} ago`;
}
