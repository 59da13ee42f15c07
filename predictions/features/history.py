"""What the market looked like, as arrays on a grid of closing times, and the cut that refuses the future.

Moments are whole seconds since 1970 (UTC) and are closing times. A candle that is missing is NaN in every
column; nothing is ever filled. Sources without highs, lows or volume leave those columns NaN throughout.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from predictions.horizons import DAY, HOUR, Timeframe

QUARTER = 900
WINDOW_HOURS = 91 * 24
"""No feature, scale or range looks further back than this, so a forecast's cost does not grow with history.
"""
WINDOW_QUARTERS = 5 * 96

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Quarters:
    """Quarter-hour candles: `times` (n,) on an unbroken grid of 900 s, the rest (n, tokens)."""

    times: Seconds
    close: Floats
    high: Floats
    low: Floats
    volume: Floats


@dataclass(frozen=True, eq=False)
class History:
    """Hourly candles of all tokens: `hours` (n,) on an unbroken grid of 3600 s, the rest (n, tokens).

    `tokens` names the columns (any key). `btc` and `eth` are their columns, None where the market is not
    followed. `quarters` is None where there are none; its columns are the same tokens.
    """

    tokens: tuple[Hashable, ...]
    hours: Seconds
    close: Floats
    high: Floats
    low: Floats
    volume: Floats
    quarters: Quarters | None = None
    btc: int | None = None
    eth: int | None = None

    def __post_init__(self) -> None:
        _refuse_broken_grid(self.hours, HOUR, self.close, len(self.tokens))
        if self.quarters is not None:
            _refuse_broken_grid(self.quarters.times, QUARTER, self.quarters.close, len(self.tokens))


def _refuse_broken_grid(times: Seconds, step: int, close: Floats, tokens: int) -> None:
    if close.shape != (len(times), tokens):
        raise ValueError(f"Closes have shape {close.shape}, {(len(times), tokens)} is needed.")
    if len(times) and (times[0] % step or (np.diff(times) != step).any()):
        raise ValueError(f"Closing times must lie on an unbroken grid of {step} s.")


def cut(history: History, as_of: int) -> History:
    """The same history as it could be known at `as_of`: every candle that closes later is gone."""
    return _rows(
        history, 0, int(np.searchsorted(history.hours, as_of, side="right")), _quarters_until(history, as_of)
    )


def window(history: History, as_of: int) -> History:
    """What a forecast at `as_of` may look at, closed by then: hours since 91 days and quarters since 5 days
    before its UTC day began.

    All moments of a day look from the same row on, so that running sums are the same to the last bit whether
    one moment is looked at or all of a day at once, as a back-test does.
    """
    midnight = as_of // DAY * DAY
    start, end = np.searchsorted(history.hours, [midnight - WINDOW_HOURS * HOUR, as_of], side="right")
    quarters = history.quarters
    if quarters is not None:
        span = [midnight - WINDOW_QUARTERS * QUARTER, as_of]
        first, last = np.searchsorted(quarters.times, span, side="right")
        quarters = _quarter_rows(quarters, slice(int(first), int(last)))
    return _rows(history, int(start), int(end), quarters)


def pick(history: History, columns: slice) -> History:
    """Some of the tokens; BTC and ETH keep their place only where they are among them."""
    quarters = history.quarters
    if quarters is not None:
        bars = (quarters.close, quarters.high, quarters.low, quarters.volume)
        quarters = Quarters(quarters.times, *(np.ascontiguousarray(bar[:, columns]) for bar in bars))
    parts = {
        name: np.ascontiguousarray(getattr(history, name)[:, columns])
        for name in ("close", "high", "low", "volume")
    }
    return replace(history, tokens=history.tokens[columns], quarters=quarters, btc=None, eth=None, **parts)


def _rows(history: History, start: int, end: int, quarters: Quarters | None) -> History:
    parts = {name: getattr(history, name)[start:end] for name in ("hours", "close", "high", "low", "volume")}
    return replace(history, quarters=quarters, **parts)


def _quarters_until(history: History, as_of: int) -> Quarters | None:
    if history.quarters is None:
        return None
    return _quarter_rows(
        history.quarters, slice(0, int(np.searchsorted(history.quarters.times, as_of, side="right")))
    )


def _quarter_rows(bars: Quarters, rows: slice) -> Quarters:
    return Quarters(bars.times[rows], bars.close[rows], bars.high[rows], bars.low[rows], bars.volume[rows])


def reference_interval(timeframe: Timeframe, as_of: int) -> int:
    """Seconds of the candle whose close is the reference price: the hour's on the hour, else the quarter's.

    Reference and outcome are closes of the same series, so `as_of` and its maturity must both lie on its
    grid.
    """
    return HOUR if as_of % HOUR == 0 and timeframe.seconds % HOUR == 0 else QUARTER


def reference_prices(history: History, timeframe: Timeframe, as_of: int) -> Floats:
    """Close of the candle that closes exactly at `as_of` (tokens,); NaN where it is missing."""
    if reference_interval(timeframe, as_of) == HOUR:
        return _row_at(history.hours, history.close, as_of)
    if history.quarters is None:
        return np.full(len(history.tokens), np.nan)
    return _row_at(history.quarters.times, history.quarters.close, as_of)


def _row_at(times: Seconds, values: Floats, moment: int) -> Floats:
    row = int(np.searchsorted(times, moment))
    if row == len(times) or times[row] != moment:
        return np.full(values.shape[1], np.nan)
    found: Floats = values[row].copy()
    return found
