"""The rows that a back-test asks about, day by day, as serving would have seen them at each moment.

A day's moments are looked at together through the window that serving looks through (`frame.window`), so
features, scale and ranges are the same to the last bit; a test holds both together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Batch, Floats
from predictions.engines.batches import baseline_at
from predictions.engines.climatology import Counts, deviations, history_counts, normal_quantiles
from predictions.evaluation.walk_forward import Fold
from predictions.features.examples import counting_instants
from predictions.features.frame import (
    History,
    Quarters,
    Seconds,
    reference_prices,
    scales,
    training_matrix,
    window,
)
from predictions.features.regimes import FEATURE, regimes
from predictions.horizons import DAY, HOUR, Timeframe, band
from predictions.services.backtesting.markets import BARS, Market, columns, with_leaders

ROWS_AT_ONCE = 20_000
Days = tuple[Seconds, Counts]


@dataclass(frozen=True, eq=False)
class Asked:
    """A batch of N rows in order of time; `token` (N,): which of the tested ones; `price` (N,) at maturity,
    NaN where it is not known.
    """

    batch: Batch
    as_of: Seconds
    token: NDArray[np.int64]
    price: Floats
    regime: list[str]


def asked(market: Market, timeframe: Timeframe, fold: Fold, young: int = 0) -> Iterator[Asked]:
    """Every counting instant of the fold for each tested token, from its first candle to its last. Tokens
    that are to look young are shown no candle older than `young` days.
    """
    seen = columns(market.history, with_leaders(market.history, market.tested))
    tested = len(market.tested)
    instants = counting_instants(seen, timeframe)
    instants = instants[(instants >= fold.start) & (instants < fold.end)]
    counts = history_counts(seen, timeframe)
    alive = _lives(seen, timeframe, tested)
    waiting: list[Asked] = []
    for day in np.unique(instants // DAY).tolist():
        today = instants[instants // DAY == day]
        waiting.append(_day(seen, timeframe, today, alive, counts, young))
        if sum(len(one.as_of) for one in waiting) >= ROWS_AT_ONCE:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _day(
    history: History, timeframe: Timeframe, today: Seconds, alive: NDArray[np.int64], counts: Days, young: int
) -> Asked:
    seen = window(history, int(today[-1]))
    tested, midnight = alive.shape[1], int(today[0]) // DAY * DAY
    if young:
        seen = _shortened(seen, tested, midnight - young * DAY)
        counts = history_counts(seen, timeframe)
    names, X = training_matrix(seen, today)
    row, token = np.nonzero((today[:, None] >= alive[0]) & (today[:, None] <= alive[1]))
    scale = scales(seen, today)[row, token]
    prices = [np.array([reference_prices(seen, timeframe, int(t)) for t in today])]
    prices.append(np.array([reference_prices(history, timeframe, int(t)) for t in today + timeframe.seconds]))
    wide = _at_hours(seen.hours, deviations(timeframe, seen.close), today // HOUR * HOUR)
    batch = Batch(
        timeframe=timeframe,
        as_of=today[row],
        tokens=tuple(history.tokens[column] for column in token),
        feature_names=names,
        X=X[row, token],
        scale=scale,
        band=band(timeframe, scale),
        reference_price=prices[0][row, token],
        baseline=baseline_at(*counts, timeframe, midnight)[token],
        baseline_quantiles=normal_quantiles(wide[row, token]),
    )
    return Asked(batch, today[row], token, prices[1][row, token], list(regimes(batch.column(FEATURE))))


def _at_hours(hours: Seconds, values: Floats, moments: Seconds) -> Floats:
    """Rows of those hours; NaN where the grid does not reach to them, as quarters may go on without hours."""
    row = np.minimum(np.searchsorted(hours, moments), len(hours) - 1)
    return np.where((hours[row] == moments)[:, None], values[row], np.nan)


def _shortened(history: History, tested: int, since: int) -> History:
    """The tested columns begin at `since`; BTC's and ETH's, where they only lead, stay whole."""

    def late(times: Seconds, values: Floats) -> Floats:
        short = values.copy()
        short[times <= since, :tested] = np.nan
        return short

    quarters = history.quarters
    if quarters is not None:
        quarters = Quarters(quarters.times, *(late(quarters.times, getattr(quarters, name)) for name in BARS))
    parts = {name: late(history.hours, getattr(history, name)) for name in BARS}
    return History(
        history.tokens, history.hours, **parts, quarters=quarters, btc=history.btc, eth=history.eth
    )


def _lives(history: History, timeframe: Timeframe, tested: int) -> NDArray[np.int64]:
    """First and last closing time (2, tested) of each token on the grid that its forecasts refer to."""
    bars = history if timeframe.seconds >= HOUR else history.quarters
    found = np.array([[np.iinfo(np.int64).max] * tested, [-1] * tested])
    if bars is None:
        return found
    times = bars.hours if isinstance(bars, History) else bars.times
    for token in range(tested):
        there = np.flatnonzero(np.isfinite(bars.close[:, token]))
        if len(there):
            found[:, token] = times[there[0]], times[there[-1]]
    return found


def _joined(parts: list[Asked]) -> Asked:
    def together(name: str) -> Floats:
        return np.concatenate([getattr(one.batch, name) for one in parts])

    first = parts[0].batch
    figures = ("X", "scale", "band", "reference_price", "baseline", "baseline_quantiles")
    as_of = np.concatenate([one.as_of for one in parts])
    tokens = tuple(token for one in parts for token in one.batch.tokens)
    batch = Batch(first.timeframe, as_of, tokens, first.feature_names, *(together(name) for name in figures))
    return Asked(
        batch,
        as_of,
        np.concatenate([one.token for one in parts]),
        np.concatenate([one.price for one in parts]),
        [word for one in parts for word in one.regime],
    )
