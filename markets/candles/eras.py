"""Which price level an hourly series is on: sudden levels that vanish again are spikes, those that stay begin an era.

A jump is a close five times above or below the last one that was believed. Nobody can know at first which of the
two it is, so from the jump on no candle is believed until it is decided: if a close comes back within 48 hours the
candles between were a spike, and stay missing; else the jump began another era (a redenomination), and nothing
before it belongs to the same series. After three days without a candle that can be believed, a price on another
level (half or double) is another coin under the same symbol at once; the same level is a gap and nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from markets.candles.bars import Mask
from markets.candles.series import Figures, Seconds

HOUR, DAY = 3600, 86_400
JUMP = 5.0
BACK = 5.0**0.5
"""Within this factor of the level before the jump a close has come back."""
COMES_BACK_WITHIN = 48 * HOUR
UNCONFIRMED = 24 * HOUR
"""For so long after a jump the reason to be silent is the jump; then it is that too little is known since."""
SILENCE = 3 * DAY
OTHER_LEVEL = 2.0
_ROUNDING = 1e-9
"""A fivefold jump is one, whatever the last bit of its logarithm."""
_JUMP, _BACK, _OTHER = np.log(JUMP) - _ROUNDING, np.log(BACK), np.log(OTHER_LEVEL) - _ROUNDING


@dataclass(frozen=True)
class Border:
    """Another era begins with the candle that closes at `at`. `factor`: its price over the one before."""

    at: int
    factor: float
    silent: int
    """Seconds of silence before it where these make it another coin, 0 for a redenomination."""


@dataclass(frozen=True)
class Spike:
    """The candles that close in [first, end) are not believed. `factor`: their level over the one before."""

    first: int
    end: int
    factor: float


@dataclass(frozen=True)
class Pending:
    """A jump that nobody can judge yet: no candle is believed that closes at `first` or later; `at` is when it last
    jumped.
    """

    first: int
    at: int
    factor: float


@dataclass(frozen=True)
class Course:
    """One series: its borders and spikes in order of time, and the jump that is undecided at its end."""

    borders: Sequence[Border] = ()
    spikes: Sequence[Spike] = ()
    pending: Pending | None = None

    @property
    def is_smooth(self) -> bool:
        return not (self.borders or self.spikes or self.pending)


SMOOTH = Course()


def courses(times: Seconds, close: Figures) -> list[Course]:
    """The course of each column of hourly closes (n, tokens), NaN where there is no close to be believed.

    Whatever is said of candles up to a moment does not change with later ones, except that what is pending there
    gets decided. Columns without any jump cost next to nothing.
    """
    found = [SMOOTH] * close.shape[1]
    for column in np.flatnonzero(_may_jump(times, close)):
        there = np.isfinite(close[:, column])
        found[column] = _follow(times[there].tolist(), np.log(close[there, column]).tolist())
    return found


def last_known(times: Seconds, close: Figures) -> tuple[Figures, Seconds]:
    """At each row the newest log close (n, tokens) so far, NaN before the first, and when it closed."""
    there = np.isfinite(close)
    every = np.arange(len(times))[:, None]
    row = np.maximum.accumulate(np.where(there, every, -1), axis=0)
    seen = np.where(row < 0, np.iinfo(np.int64).min // 2, times[np.maximum(row, 0)])
    with np.errstate(divide="ignore"):
        level = np.log(np.take_along_axis(close, np.maximum(row, 0), axis=0))
    return np.where(row < 0, np.nan, level), seen


def steps_away(log_price: Figures, level: Figures, silent: Seconds) -> Mask:
    """Whether prices cannot be believed beside a level that was left so many seconds ago. NaN compares as fitting."""
    away = np.abs(log_price - level)
    return np.asarray((away >= _JUMP) | ((away >= _OTHER) & (silent >= SILENCE)))


def _may_jump(times: Seconds, close: Figures) -> Mask:
    if len(times) < 2:
        return np.zeros(close.shape[1], np.bool_)
    level, seen = last_known(times, close)
    with np.errstate(divide="ignore"):
        here = np.log(close[1:])
    return np.asarray(steps_away(here, level[:-1], times[1:, None] - seen[:-1]).any(axis=0))


@dataclass
class _Walk:
    level: float
    seen: int
    jump: "_Jump | None" = None
    borders: list[Border] = field(default_factory=list)
    spikes: list[Spike] = field(default_factory=list)

    def step(self, time: int, price: float) -> None:
        if self.jump is not None and time - self.jump.at > COMES_BACK_WITHIN:
            self._confirm(self.jump)
        if self.jump is not None:
            self._while_undecided(self.jump, time, price)
            return
        away, silent = price - self.level, time - self.seen
        if silent >= SILENCE and abs(away) >= _OTHER:
            self.borders.append(Border(time, float(np.exp(away)), silent))
        elif abs(away) >= _JUMP:
            self.jump = _Jump(first=time, at=time, before=self.level, level=price, seen=time)
            return
        self.level, self.seen = price, time

    def _while_undecided(self, jump: "_Jump", time: int, price: float) -> None:
        if abs(price - jump.before) <= _BACK:
            self.spikes.append(Spike(jump.first, time, jump.factor))
            self.jump, self.level, self.seen = None, price, time
            return
        if abs(price - jump.level) >= _JUMP:  # it jumps again: the clock starts anew
            jump.at = time
        jump.level, jump.seen = price, time

    def _confirm(self, jump: "_Jump") -> None:
        if jump.first < jump.at:
            self.spikes.append(Spike(jump.first, jump.at, jump.factor))
        self.borders.append(Border(jump.at, jump.factor, 0))
        self.jump, self.level, self.seen = None, jump.level, jump.seen


@dataclass
class _Jump:
    first: int
    at: int
    before: float
    level: float
    seen: int

    @property
    def factor(self) -> float:
        return float(np.exp(self.level - self.before))


def _follow(times: list[int], logs: list[float]) -> Course:
    walk = _Walk(logs[0], times[0])
    for time, price in zip(times[1:], logs[1:], strict=True):
        walk.step(time, price)
    pending = None if walk.jump is None else Pending(walk.jump.first, walk.jump.at, walk.jump.factor)
    return Course(tuple(walk.borders), tuple(walk.spikes), pending)
