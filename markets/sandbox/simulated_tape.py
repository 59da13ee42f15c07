"""The simulated tape: blocks of the process, kept and read as paths, bars and prices.

Inside a 15-minute bar the log-price runs through 15 one-minute knots: the straight line from the bar's open
to its close plus a Brownian bridge, chosen for the bar and scaled by its volatility; between knots it is
straight. Quotes and the highs and lows of candles are read from the same knots, so they cannot contradict
each other.
"""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from markets.sandbox.simulated_cast import Character
from markets.sandbox.simulated_process import (
    BAR,
    BLOCK_BARS,
    KNOTS,
    Block,
    Floats,
    Process,
    bridges,
)

Whole = NDArray[np.int64]
MINUTE = BAR // KNOTS
_RAMP = np.arange(KNOTS + 1) / KNOTS


class Tape:
    """Bars are numbered from the start of the grid; rows are tokens. It grows by whole blocks when later
    bars are asked.
    """

    def __init__(self, seed: int, tokens: Sequence[Character], start: int) -> None:
        self.start = start
        self.tokens = tokens
        self.level = np.array([token.level for token in tokens])
        self._process = Process(seed, tokens, start)
        self._bridges = bridges(seed)
        self._reach = np.abs(self._bridges).max(axis=1)
        self._blocks: list[Block] = []
        self._highs: list[tuple[Floats, Whole]] = []
        self._lows: list[tuple[Floats, Whole]] = []
        self._born = np.array([self._bar(token.born_at, 0) for token in tokens])
        self._died = np.array([self._bar(token.died_at, np.iinfo(np.int64).max) for token in tokens])
        self._lock = threading.Lock()

    def _bar(self, moment: int | None, otherwise: int) -> int:
        return otherwise if moment is None else max(0, (moment - self.start) // BAR)

    def bar_at(self, moment: float) -> int:
        return int((moment - self.start) // BAR)

    def extend(self, bars: int) -> None:
        """Make sure that the first `bars` bars exist."""
        if bars <= len(self._blocks) * BLOCK_BARS:
            return
        with self._lock:
            while bars > len(self._blocks) * BLOCK_BARS:
                block = self._process.advance()
                first = len(self._blocks) * BLOCK_BARS
                self._highs.append(_latest(self._extremes(block, first, 1), self._highs, 1))
                self._lows.append(_latest(self._extremes(block, first, -1), self._lows, -1))
                self._blocks.append(block)

    def knots(self, rows: Whole, first: int, end: int) -> Floats:
        """Log-prices relative to the level at each minute of the bars [first, end): (rows, bars, 16)."""
        self.extend(end)
        parts = [
            self._knots(self._blocks[number], rows, slice(low, high))
            for number, low, high in _pieces(first, end)
        ]
        return np.concatenate(parts, axis=1)

    def _knots(self, block: Block, rows: Whole, columns: slice) -> Floats:
        closes = block.log_close[rows, columns].astype(float)
        first = columns.start
        before = block.before[rows] if first == 0 else block.log_close[rows, first - 1 : first]
        opens = np.concatenate([before.astype(float), closes[:, :-1]], axis=1)
        spread = block.spread[rows, columns].astype(float)
        return _path(opens, closes, spread, self._bridges[block.bridge[rows, columns]])

    def traded(self, rows: Whole, first: int, end: int) -> Floats:
        """USD of the bars [first, end): (rows, bars)."""
        self.extend(end)
        parts = [
            self._blocks[number].traded[rows, low:high].astype(float)
            for number, low, high in _pieces(first, end)
        ]
        return np.concatenate(parts, axis=1)

    def prices(self, rows: Whole, moment: float) -> Floats:
        """Of each row the price at one moment."""
        bar = self.bar_at(moment)
        path = self.knots(rows, bar, bar + 1)[:, 0]
        return np.asarray(self.level[rows] * np.exp(_between(path, moment - self.start - bar * BAR)))

    def prices_of(self, row: int, moments: Floats) -> Floats:
        """Of one row the price at many ascending moments."""
        bars = ((moments - self.start) // BAR).astype(np.int64)
        first, end = int(bars[0]), int(bars[-1]) + 1
        self.extend(end)
        path = np.empty((len(bars), KNOTS + 1))
        for number, _, _ in _pieces(first, end):
            inside = bars // BLOCK_BARS == number
            block, columns = self._blocks[number], bars[inside] % BLOCK_BARS
            closes = block.log_close[row].astype(float)
            opens = np.concatenate([block.before[row].astype(float), closes[:-1]])
            shapes = self._bridges[block.bridge[row, columns]]
            path[inside] = _path(
                opens[columns], closes[columns], block.spread[row, columns].astype(float), shapes
            )
        logs = _between(path, moments - self.start - bars * BAR)
        return np.asarray(self.level[row] * np.exp(logs))

    def closes(self, row: int, bars: Whole) -> Floats:
        """Of one row the closing prices of ascending bars."""
        self.extend(int(bars[-1]) + 1)
        logs = np.concatenate(
            [
                self._blocks[number]
                .log_close[row, bars[bars // BLOCK_BARS == number] % BLOCK_BARS]
                .astype(float)
                for number in np.unique(bars // BLOCK_BARS)
            ]
        )
        return np.asarray(self.level[row] * np.exp(logs))

    def highest(self, end: int) -> tuple[Floats, Floats]:
        """Of each row the highest price in its life before bar `end`, and when; -inf where it has not
        lived.
        """
        return self._remembered(end, self._highs, 1)

    def lowest(self, end: int) -> tuple[Floats, Floats]:
        """As `highest`; inf where it has not lived."""
        return self._remembered(end, self._lows, -1)

    def _remembered(self, end: int, past: list[tuple[Floats, Whole]], sign: int) -> tuple[Floats, Floats]:
        self.extend(end)
        number, column = divmod(end, BLOCK_BARS)
        known = past[number - 1 : number] if number else []
        if column:
            part = _head(self._blocks[number], column)
            found = self._extremes(part, number * BLOCK_BARS, sign)
            known = [_latest(found, known, sign)]
        values, minutes = known[0]
        return np.asarray(self.level * np.exp(values)), np.asarray(self.start + minutes * MINUTE, float)

    def _extremes(self, block: Block, first: int, sign: int) -> tuple[Floats, Whole]:
        """Of each row the highest (sign 1) or lowest (-1) knot of a block and its minute on the grid.

        Only bars whose ends and spread allow it are looked at: few, so a block costs little.
        """
        closes = sign * block.log_close.astype(float)
        opens = np.concatenate([sign * block.before.astype(float), closes[:, :-1]], axis=1)
        numbers = first + np.arange(closes.shape[1])
        alive = (numbers >= self._born[:, None]) & (numbers < self._died[:, None])
        tops = np.where(alive, np.maximum(opens, closes), -np.inf)
        bounds = tops + block.spread * self._reach[block.bridge]
        values, minutes = np.full(len(closes), -np.inf), np.zeros(len(closes), np.int64)
        for row in np.flatnonzero(alive.any(axis=1)):
            bars = np.flatnonzero(bounds[row] >= tops[row].max())
            shapes = sign * self._bridges[block.bridge[row, bars]]
            path = _path(opens[row, bars], closes[row, bars], block.spread[row, bars].astype(float), shapes)
            best = int(np.argmax(path))
            values[row] = path.flat[best]
            minutes[row] = (first + bars[best // (KNOTS + 1)]) * KNOTS + best % (KNOTS + 1)
        return sign * values, minutes


def _path(opens: Floats, closes: Floats, spread: Floats, shapes: NDArray[np.float32]) -> Floats:
    path = opens[..., None] + (closes - opens)[..., None] * _RAMP + spread[..., None] * shapes
    path[..., -1] = closes  # to the last bit: a bar opens exactly where the one before closed
    return np.asarray(path)


def _between(path: Floats, seconds: Floats | float) -> Floats:
    """Log-price at `seconds` into a bar: (…, 16) to (…)."""
    minute = np.minimum((np.asarray(seconds) // MINUTE).astype(np.int64), KNOTS - 1)
    part = np.asarray(seconds) / MINUTE - minute
    minute = np.broadcast_to(minute, path.shape[:-1])[..., None]
    left = np.take_along_axis(path, minute, axis=-1)[..., 0]
    right = np.take_along_axis(path, minute + 1, axis=-1)[..., 0]
    return np.asarray(left + (right - left) * part)


def _pieces(first: int, end: int) -> list[tuple[int, int, int]]:
    """Which columns of which blocks hold the bars [first, end): (block, first column, end column)."""
    pieces = []
    while first < end:
        number, low = divmod(first, BLOCK_BARS)
        high = min(BLOCK_BARS, low + end - first)
        pieces.append((number, low, high))
        first += high - low
    return pieces


def _head(block: Block, columns: int) -> Block:
    return Block(
        block.log_close[:, :columns],
        block.before,
        block.spread[:, :columns],
        block.bridge[:, :columns],
        block.traded[:, :columns],
    )


def _latest(found: tuple[Floats, Whole], past: list[tuple[Floats, Whole]], sign: int) -> tuple[Floats, Whole]:
    """The extreme of a new block and of all before it."""
    if not past:
        return found
    values, minutes = past[-1]
    newer = sign * found[0] > sign * values
    return np.where(newer, found[0], values), np.where(newer, found[1], minutes)
