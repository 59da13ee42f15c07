"""New readings of gauges: fresh ones alone, later than what was judged, and never from the future.

Each feed answers many gauges with one query or two, however many alerts look at them.
"""

from collections.abc import Sequence
from datetime import datetime

from alerts.conditions.reading import Reading
from alerts.models import Gauge
from alerts.selectors.readings import candles, clock, forecasts, portfolios, quotes

Readings = dict[int, list[Reading]]
_READ = {
    Gauge.Feed.QUOTES: quotes.read,
    Gauge.Feed.CANDLES: candles.read,
    Gauge.Feed.FORECASTS: forecasts.read,
    Gauge.Feed.CLOCK: clock.read,
    Gauge.Feed.PORTFOLIOS: portfolios.read,
}


def new_readings(feed: str, gauges: Sequence[Gauge], now: datetime) -> Readings:
    """By gauge, ascending; a gauge without any is left out. `gauges` are of this feed; `now` is market time."""
    return _READ[Gauge.Feed(feed)](gauges, now) if gauges else {}
