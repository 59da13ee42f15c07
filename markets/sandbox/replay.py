"""A folder of candles at a market clock.

A quote is the close of the last closed candle of the finest series there is (5m, 15m, 30m, 1h), observed at
that close; nothing is interpolated inside a candle. Changes, highs, lows and the 24 h volume are computed
from the candles where there are enough of them; caps, supplies, all-time highs, ranks and trending are
unknown, since the folder lacks them. Daily files alone do not make a token: they are too coarse to be shown
as 15m or 1h.

A token of the registry is shown while its candles run: from its first close until a week after its last one.
One whose candles reach the end of the folder stays, and grows stale when the clock has passed the end.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from markets.candles.folder import CandleFolder, folder_digest
from markets.candles.series import CandleSeries
from markets.sandbox.market import DAY, PERIODS, Bar, Pair, Point, Snapshot
from markets.sandbox.registry import Listing, read_registry

HOUR, WEEK = 3600, 7 * DAY
ENOUGH = 0.95  # of a day's candles
LOOK_BACK = 2 * HOUR  # an earlier price may be this much older than asked for, not more


class Tape:
    """The candles of one token."""

    def __init__(self, folder: CandleFolder, listing: Listing) -> None:
        self.listing = listing
        self._folder = folder
        self.native = [
            (interval, series)
            for interval in folder.intervals(listing.symbol)
            if interval <= HOUR
            and (series := folder.native(listing.symbol, interval)) is not None
            and len(series)
        ]
        self.first_close = min(int(series.open_times[0]) + interval for interval, series in self.native)
        self.last_close = max(int(series.open_times[-1]) + interval for interval, series in self.native)

    def series(self, interval: int) -> CandleSeries:
        """Candles of that interval; none where only coarser ones exist."""
        found = self._folder.series(self.listing.symbol, interval)
        return CandleSeries.empty() if found is None else found

    def last_closed(self, at: float) -> tuple[float, float] | None:
        """Price and time of the newest close; of two at the same time that of the finer series."""
        newest: tuple[float, float] | None = None
        for interval, series in self.native:
            count = int(np.searchsorted(series.open_times, at - interval, side="right"))
            if count and (newest is None or series.open_times[count - 1] + interval > newest[1]):
                newest = float(series.close[count - 1]), float(series.open_times[count - 1] + interval)
        return newest

    def day(self, end: float) -> tuple[float, float, float] | None:
        """High, low and volume in USD of the 24 h before `end`, of the finest series that is there for
        them.
        """
        for interval, series in self.native:
            inside = series.between(int(end) - DAY, int(end) - interval)
            if len(inside) >= ENOUGH * DAY / interval:
                traded = inside.volume * (inside.high + inside.low + inside.close) / 3
                return float(inside.high.max()), float(inside.low.min()), float(traded.sum())
        return None


class ReplayMarket:
    kind = "replay"

    def __init__(self, folder: Path, listings: Sequence[Listing] | None = None) -> None:
        self.folder = CandleFolder(folder)
        self.identity = folder_digest(folder)
        rows = read_registry() if listings is None else listings
        self._tapes = {row.coingecko_id: Tape(self.folder, row) for row in rows if _is_fine(self.folder, row)}
        self.end = max((tape.last_close for tape in self._tapes.values()), default=0)

    def _shown(self, at: float) -> list[Tape]:
        return [tape for tape in self._tapes.values() if self._is_shown(tape, at)]

    def _is_shown(self, tape: Tape, at: float) -> bool:
        newest = tape.last_closed(at)
        if newest is None:
            return False
        reaches_end = newest[1] >= tape.last_close and tape.last_close >= self.end - WEEK
        return reaches_end or at - newest[1] <= WEEK

    def board(self, at: float) -> list[Snapshot]:
        return [_snapshot(tape, at) for tape in self._shown(at)]

    def last_price(self, coingecko_id: str, at: float) -> tuple[float, float] | None:
        return self._tapes[coingecko_id].last_closed(at)

    def pairs(self, at: float) -> list[Pair]:
        return [
            Pair(tape.listing.binance_symbol, tape.listing.symbol, name, self._is_shown(tape, at))
            for name, tape in self._tapes.items()
            if tape.listing.binance_symbol
        ]

    def candles(self, coingecko_id: str, interval: int, first: int, last: int, at: float) -> CandleSeries:
        return self._tapes[coingecko_id].series(interval).closed_by(at, interval).between(first, last)

    def running(self, coingecko_id: str, interval: int, at: float) -> Bar | None:
        """Made of the finer candles that have closed since it opened, if none of them is missing."""
        opened = int(at) // interval * interval
        for fine, series in self._tapes[coingecko_id].native:
            parts = series.closed_by(at, fine).between(opened, int(at))
            if fine < interval and len(parts) and len(parts) == (int(at) - opened) // fine:
                return Bar(
                    opened,
                    float(parts.open[0]),
                    float(parts.high.max()),
                    float(parts.low.min()),
                    float(parts.close[-1]),
                    float(parts.volume.sum()),
                )
        return None

    def chart(self, coingecko_id: str, step: int, first: float, last: float, at: float) -> list[Point]:
        """Closes at their closing times; where no series is as fine as `step`, of the finest there is."""
        tape = self._tapes[coingecko_id]
        interval = max(step, tape.native[0][0])
        closes = tape.series(interval).closed_by(min(last, at), interval)
        closes = closes.between(int(first) - interval, int(last))
        pairs = zip(closes.open_times + interval, closes.close, strict=True)
        return [Point(float(moment), float(price), None, None) for moment, price in pairs]

    def sparkline(self, coingecko_id: str, at: float) -> list[float]:
        closes = self._tapes[coingecko_id].series(HOUR).closed_by(at, HOUR)
        return [float(price) for price in closes.between(int(at) - WEEK - HOUR, int(at)).close[-168:]]

    def trending(self, at: float) -> list[str]:
        return []


def _is_fine(folder: CandleFolder, listing: Listing) -> bool:
    return any(
        interval <= HOUR and len(folder.native(listing.symbol, interval) or ())
        for interval in folder.intervals(listing.symbol)
    )


def _snapshot(tape: Tape, at: float) -> Snapshot:
    newest = tape.last_closed(at)
    if newest is None:  # only shown tapes are asked, and they have a close
        raise LookupError(f"{tape.listing.symbol} has no closed candle yet.")
    price, observed_at = newest
    earlier = {}
    for name, seconds in PERIODS.items():
        then = tape.last_closed(observed_at - seconds)
        if then is not None and observed_at - seconds - then[1] <= LOOK_BACK:
            earlier[name] = then[0]
    high, low, volume = tape.day(observed_at) or (None, None, None)
    return Snapshot(tape.listing, price, observed_at, earlier, high, low, volume)
