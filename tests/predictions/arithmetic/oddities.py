"""Markets with candles that cannot be believed, at random: what a source may send and a file may hold."""

from dataclasses import dataclass

import numpy as np

from markets.candles.bars import Bars
from markets.candles.cleaning import Cleaned, clean, eras, known_at
from predictions.features.history import History, Quarters
from predictions.services.histories import PANEL_DAYS, QUARTER_DAYS
from tests.predictions.arithmetic.panels import market

SIDES = ("close", "high", "low", "volume")
HOUR, QUARTER, DAY = 3600, 900, 86_400


@dataclass(frozen=True)
class Raw:
    """Candles as they came; both grids hold the same tokens."""

    hours: Bars
    quarters: Bars

    def until(self, as_of: int) -> "Raw":
        return Raw(*(_between(bars, 0, as_of) for bars in (self.hours, self.quarters)))

    def panel(self, as_of: int) -> "Raw":
        """The part that a server reads at `as_of`."""
        hour = as_of // HOUR * HOUR
        return Raw(
            _between(self.hours, hour - PANEL_DAYS * DAY, as_of),
            _between(self.quarters, as_of - QUARTER_DAYS * DAY, as_of),
        )


def _between(bars: Bars, first: int, last: int) -> Bars:
    start, end = np.searchsorted(bars.times, [first, last + 1])
    return Bars(bars.times[start:end], *(getattr(bars, side)[start:end] for side in SIDES))


def odd_market(seed: int, days: int = 125, quarter_days: int = 16) -> tuple[Raw, list[int]]:
    """Five tokens, three of them odd, and the moments at which something begins or ends."""
    calm = market(days, 5, seed, quarter_days)
    hours = Bars(calm.hours, *(getattr(calm, side).copy() for side in SIDES))
    quarters = Bars(calm.quarters.times, *(getattr(calm.quarters, side).copy() for side in SIDES))
    numbers, moments = np.random.default_rng(seed), []
    for column in (2, 3, 4):
        for _ in range(4):
            where = int(numbers.integers(len(hours) - 14 * 24, len(hours)))
            length = int(numbers.integers(1, 90))
            kind = KINDS[int(numbers.integers(len(KINDS)))]
            moments += kind(hours, quarters, column, hours.times[where], length, numbers)
    return Raw(hours, quarters), sorted({t for t in moments if t < calm.hours[-1]})


def _rows(bars, first, last):
    return slice(*np.searchsorted(bars.times, [first, last]))


def spike(hours, quarters, column, start, length, numbers):
    """Of one to ninety hours: those beyond two days are another era."""
    factor = float(numbers.choice([7.0, 100.0, 0.1]))
    end = start + length * HOUR
    for bars in (hours, quarters):
        for side in SIDES[:3]:
            getattr(bars, side)[_rows(bars, start, end), column] *= factor
    return [start, end]


def redenomination(hours, quarters, column, start, length, numbers):
    return spike(hours, quarters, column, start, 10**6, numbers)[:1]


def other_coin(hours, quarters, column, start, length, numbers):
    end = start + 4 * DAY
    factor = float(numbers.choice([1.0, 3.0, 0.3]))
    for bars in (hours, quarters):
        for side in SIDES:
            getattr(bars, side)[_rows(bars, start, end), column] = np.nan
        for side in SIDES[:3]:
            getattr(bars, side)[_rows(bars, end, 10**12), column] *= factor
    return [start, end]


def standstill(hours, quarters, column, start, length, numbers):
    volume = numbers.choice([0.0, 7.0])
    for bars in (hours, quarters):
        rows = _rows(bars, start, start + length * HOUR)
        if rows.start:
            for side in SIDES[:3]:
                getattr(bars, side)[rows, column] = bars.close[rows.start - 1, column]
            bars.volume[rows, column] = volume
    return [start, start + length * HOUR]


def wick(hours, quarters, column, start, length, numbers):
    for bars in (hours, quarters):
        bars.low[_rows(bars, start, start + 1), column] *= 0.1
    return [start]


def quarter_alone(hours, quarters, column, start, length, numbers):
    rows = _rows(quarters, start + QUARTER, start + 3 * QUARTER)
    quarters.close[rows, column] *= 30
    quarters.high[rows, column] *= 30
    return [start + QUARTER, start + 2 * QUARTER]


def gap(hours, quarters, column, start, length, numbers):
    for bars in (hours, quarters):
        for side in SIDES:
            getattr(bars, side)[_rows(bars, start, start + length * HOUR), column] = np.nan
    return [start, start + length * HOUR]


KINDS = (spike, redenomination, other_coin, standstill, wick, quarter_alone, gap)


def served(raw: Raw) -> History:
    """What a server makes of these candles at their end."""
    hours, quarters = known_at(clean(raw.hours, raw.quarters))
    return _history(tuple(range(hours.close.shape[1])), hours, quarters)


def back_tested(raw: Raw) -> History:
    """What a back-test makes of a whole history: eras as columns of their own, named (token, number)."""
    found = clean(raw.hours, raw.quarters)
    cut = [(era, _columns_of(found, era)) for era in eras(found)]
    sides = [[part[grid][side] for _, part in cut] for grid in (0, 1) for side in range(4)]
    grids = [np.stack(side, axis=1) for side in sides]
    hours, quarters = Bars(found.hours.times, *grids[:4]), Bars(found.quarters.times, *grids[4:])
    return _history(tuple((era.column, era.number) for era, _ in cut), hours, quarters)


def _columns_of(found: Cleaned, era):
    parts = []
    for bars in (found.hours, found.quarters):
        rows, sides = era.within(bars.times), []
        for side in SIDES:
            column = np.full(len(bars.times), np.nan)
            column[rows] = getattr(bars, side)[rows, era.column]
            sides.append(column)
        parts.append(sides)
    return parts


def _history(tokens, hours: Bars, quarters: Bars) -> History:
    sides = [np.ascontiguousarray(getattr(hours, side)) for side in SIDES]
    fine = [np.ascontiguousarray(getattr(quarters, side)) for side in SIDES]
    return History(tokens, hours.times, *sides, Quarters(quarters.times, *fine), btc=0, eth=1)
