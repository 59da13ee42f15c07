"""What a gauge would have read: from stored candles and forecasts, said with the steps that it was read in.

Live alerts see every stored price; the past is kept as closes of candles, so moves between two closes are not seen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from alerts.conditions.base import CANDLES, CLOCK, FORECASTS, Condition
from alerts.conditions.reading import Reading
from alerts.models import Alert
from alerts.selectors.portfolio_past import values_of
from alerts.selectors.readings.candles import candles_needed, interval_of, values
from alerts.selectors.readings.forecasts import reading_of, timeframe_of
from core.lib.clock import from_seconds
from core.lib.errors import NotEnoughHistory
from markets.models import Token
from markets.selectors.panel import HOUR, QUARTER, Series, series
from portfolios.models import Portfolio
from predictions.models import Forecast

Floats = NDArray[np.float64]
_SLACK = timedelta(days=1)
"""A series that begins so much later still counts as reaching back."""


@dataclass(frozen=True)
class Past:
    """`step` is seconds between readings, nought where forecasts bring them; `since` is when they begin."""

    readings: list[Reading]
    step: int
    since: datetime


def past_of(alert: Alert, since: datetime, until: datetime) -> Past:
    """Ascending. Raises NotEnoughHistory where nothing is stored, or nothing of the kind is."""
    if alert.token:
        return _of_token(alert.condition, alert.token, since, until)
    if alert.portfolio:
        return _of_portfolio(alert.condition.gauge, alert.portfolio, since, until)
    raise NotEnoughHistory("It looks at nothing any more.")


def _of_token(condition: Condition, token: Token, since: datetime, until: datetime) -> Past:
    if condition.feed == CLOCK:
        raise NotEnoughHistory("When prices were away is not kept, so this kind cannot be tried on the past.")
    if condition.feed == FORECASTS:
        return _of_forecasts(condition.gauge, token, since, until)
    if condition.feed == CANDLES:
        return _of_candles(condition.gauge, token, since, until)
    return _of_prices(condition.gauge, token, since, until)


def _of_portfolio(gauge: str, portfolio: Portfolio, since: datetime, until: datetime) -> Past:
    """Its value at closes; how far below the highest of a window, that window's closes included."""
    window = 0 if gauge == "value" else int(gauge.split(":")[1])
    found = values_of(portfolio, since - timedelta(seconds=window), until)
    if found is None:
        raise NotEnoughHistory(f"{portfolio.name} holds nothing yet, so there is no past to try this on.")
    span, worth = found
    numbers = _below_highest(span.times, worth, window) if window else worth
    return _readings(f"of what {portfolio.name} holds", span.times, numbers, span.step, since)


def _below_highest(times: NDArray[np.int64], worth: Floats, window: int) -> Floats:
    """In percent; NaN where the value is unknown."""
    first = np.searchsorted(times, times - window)
    filled = np.where(np.isfinite(worth), worth, -np.inf)
    highest = np.array([filled[start : place + 1].max() for place, start in enumerate(first)])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(highest > 0, (highest - worth) / highest * 100, np.nan)


def _of_prices(gauge: str, token: Token, since: datetime, until: datetime) -> Past:
    window = 0 if gauge == "price" else int(gauge.split(":")[1])
    rows = _finest(token, since - timedelta(seconds=window), until)
    if window:
        return _past(token, rows, since, _changes(gauge, rows, window))
    return _past(token, rows, since, rows.close)


def _changes(gauge: str, rows: Series, window: int) -> Floats:
    """In percent against the close a window before; NaN where that is missing."""
    if window < rows.interval:
        raise NotEnoughHistory(
            "Only hourly candles are stored that far back; a change within 15 minutes is lost."
        )
    places = np.searchsorted(rows.times, rows.times - window)
    there = rows.times[places] == rows.times - window
    change = (rows.close / np.where(there, rows.close[places], np.nan) - 1) * 100
    return np.abs(change) if gauge.startswith("move:") else change


def _of_candles(gauge: str, token: Token, since: datetime, until: datetime) -> Past:
    interval = interval_of(gauge)
    stored = min(interval, HOUR)
    before = timedelta(seconds=interval * (candles_needed(gauge) + 1))
    rows = series(token.pk, stored, since - before, until)
    closing = rows.times % interval == 0
    times, close, volume = rows.times[closing], rows.close[closing], rows.volume[closing]
    grid = np.arange(times[0], times[-1] + 1, interval) if len(times) else times
    filled = [np.full(len(grid), np.nan) for _ in range(2)]
    for column, known in zip(filled, (close, volume), strict=True):
        column[np.searchsorted(grid, times)] = known
    numbers = values(gauge, *filled)[np.searchsorted(grid, times)] if len(times) else close
    return _readings(f"of {token.symbol}", times, numbers, interval, since)


def _of_forecasts(gauge: str, token: Token, since: datetime, until: datetime) -> Past:
    timeframe = timeframe_of(gauge)
    rows = Forecast.objects.filter(
        token=token, timeframe=timeframe, published=True, late=False, as_of__gte=since, as_of__lte=until
    ).order_by("as_of", "id")
    readings = [reading_of(forecast, gauge) for forecast in rows.only("as_of", "up", "down", "sideways")]
    if not readings:
        raise NotEnoughHistory(f"There are no {timeframe} forecasts for {token.symbol} in this time.")
    return Past(readings, 0, readings[0].at)


def _finest(token: Token, since: datetime, until: datetime) -> Series:
    """Quarter hours where they reach back far enough, else hours."""
    quarters = series(token.pk, QUARTER, since, until)
    if len(quarters.times) and from_seconds(int(quarters.times[0])) <= since + _SLACK:
        return quarters
    hours = series(token.pk, HOUR, since, until)
    return hours if len(hours.times) else quarters


def _past(token: Token, rows: Series, since: datetime, numbers: Floats) -> Past:
    return _readings(f"of {token.symbol}", rows.times, numbers, rows.interval, since)


def _readings(what: str, times: NDArray[np.int64], numbers: Floats, step: int, since: datetime) -> Past:
    wanted = np.isfinite(numbers) & (times >= since.timestamp())
    readings = [
        Reading(from_seconds(at), value)
        for at, value in zip(times[wanted].tolist(), numbers[wanted].tolist(), strict=True)
    ]
    if not readings:
        raise NotEnoughHistory(f"Too few candles {what} are stored to try this on the past.")
    return Past(readings, step, readings[0].at)
