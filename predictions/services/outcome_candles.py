"""Outcomes that do not count although their candle is there: its price is not believed, or it is another series'.

The same cleaning as for forecasts, with the candles that had closed when the forecast matured: between a forecast and
its outcome may lie a jump that began another era, and a spike's or a frozen candle's close is nobody's price. What is
undecided at maturity is void whichever way it is decided later.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np

from markets.candles.bars import Bars
from markets.candles.cleaning import Cleaned
from markets.candles.findings import moment_of
from markets.candles.telling import times_of
from markets.selectors.panel import hourly_panel, quarter_panel
from predictions.models import Forecast
from predictions.services.histories import cleaned

HOUR, QUARTER, DAY = 3600, 900, 86_400
BEFORE_HOURS = 8
"""More than it takes to see that a price stands still."""


def disbelieved(forecasts: Sequence[Forecast]) -> dict[int, str]:
    """By forecast id, why its outcome is void; those that are not in it may be scored.

    All have matured. Short horizons are looked at apart, so that they do not cost a month of candles each time.
    """
    found: dict[int, str] = {}
    for part in _by_length(forecasts):
        found |= _of(part)
    return found


def _by_length(forecasts: Sequence[Forecast]) -> Iterable[list[Forecast]]:
    for is_long in (False, True):
        part = [f for f in forecasts if (f.matures_at - f.as_of > timedelta(days=1)) == is_long]
        if part:
            yield part


def _of(forecasts: Sequence[Forecast]) -> dict[int, str]:
    tokens = sorted({forecast.token_id for forecast in forecasts})
    place = {token: column for column, token in enumerate(tokens)}
    first = min(forecast.as_of for forecast in forecasts)
    matured = [forecast.matures_at for forecast in forecasts]
    length = int((max(matured) - first).total_seconds()) // HOUR + BEFORE_HOURS
    quarters = int((max(matured) - min(matured)).total_seconds()) // QUARTER + 2
    found = cleaned(hourly_panel(tokens, max(matured), length), quarter_panel(tokens, max(matured), quarters))
    told = ((forecast.pk, _reason(forecast, place[forecast.token_id], found)) for forecast in forecasts)
    return {pk: reason for pk, reason in told if reason}


def _reason(forecast: Forecast, column: int, found: Cleaned) -> str:
    made, matured = int(forecast.as_of.timestamp()), int(forecast.matures_at.timestamp())
    course = found.courses[column]
    for border in course.borders:
        if made < border.at <= matured:
            return (
                f"The price changed {times_of(border.factor)} at {moment_of(border.at)} UTC and stayed:"
                " another denomination or another coin."
            )
    bars = found.hours if forecast.reference_interval == HOUR else found.quarters
    if bars is None or not _is_missing(bars, column, matured):
        return ""
    minutes = forecast.reference_interval // 60
    candle = f"The {minutes}-minute candle closed at {moment_of(matured)} UTC"
    if any(spike.first <= matured < spike.end for spike in course.spikes) or course.pending is not None:
        return f"{candle} is part of a jump in price that is not believed."
    return f"{candle} tells no price: nothing was traded, or it is far off."


def _is_missing(bars: Bars, column: int, moment: int) -> bool:
    row = int(np.searchsorted(bars.times, moment))
    return row < len(bars) and int(bars.times[row]) == moment and bool(np.isnan(bars.close[row, column]))
