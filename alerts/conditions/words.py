"""Numbers, spans and names as people write them."""

import math

SPANS = {"15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400, "7d": 604_800}
SPAN_WORDS = {900: "15 minutes", 3600: "1 hour", 14_400: "4 hours", 86_400: "1 day", 604_800: "7 days"}
CANDLE_WORDS = {900: "15-minute", 3600: "hourly", 14_400: "4-hour", 86_400: "daily"}
_DIGITS = 6
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def number(value: float) -> str:
    """Six significant digits in plain writing: 1,234.57, 0.0000123."""
    if value == 0 or not math.isfinite(value):
        return "0"
    places = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def percent(value: float) -> str:
    """Two decimals at most, with the sign as it is."""
    return f"{number(round(value, 2))} %"


def span(seconds: int) -> str:
    """The largest units that say it exactly: 1 hour 30 minutes."""
    parts = []
    for length, name in _UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(parts) or "0 seconds"


def interval_name(seconds: int) -> str:
    return next(name for name, length in SPANS.items() if length == seconds)
