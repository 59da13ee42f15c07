"""On which side of a level a reading lies, with a band that it must cross to come back.

From `rise` on a reading is over, below `fall` it is under, and between the two it stays where it was: so a price that
trembles at its level is heard of once.
"""

from dataclasses import dataclass

OVER, UNDER, UNKNOWN = "over", "under", ""


@dataclass(frozen=True)
class Wakes:
    """Readings at or above `above`, or below `below`, would change what is remembered; no others."""

    above: float | None
    below: float | None


@dataclass(frozen=True)
class Sides:
    """`speaks_on`: the sides that count when they are reached. `even_at_first`: also where no side was known before."""

    rise: float
    fall: float
    speaks_on: frozenset[str]
    even_at_first: bool

    def of(self, value: float, before: str) -> str:
        if value >= self.rise:
            return OVER
        return UNDER if value < self.fall else before

    def speaks(self, before: str, after: str) -> bool:
        return after != before and after in self.speaks_on and (before != UNKNOWN or self.even_at_first)

    def wakes(self, side: str) -> Wakes:
        """An unknown side that would not be mentioned need not be learnt."""
        matters = self.speaks_on if side == UNKNOWN and self.even_at_first else {OVER, UNDER}
        return Wakes(
            above=self.rise if side != OVER and OVER in matters else None,
            below=self.fall if side != UNDER and UNDER in matters else None,
        )


def at_or_above(level: float, band: float) -> Sides:
    """Speaks as soon as it is so, also where it is so from the start."""
    return Sides(level, level - band, frozenset({OVER}), even_at_first=True)


def below(level: float, band: float) -> Sides:
    return Sides(level + band, level, frozenset({UNDER}), even_at_first=True)


def upwards(level: float, band: float) -> Sides:
    """Speaks where it was seen on the other side before."""
    return Sides(level, level - band, frozenset({OVER}), even_at_first=False)


def downwards(level: float, band: float) -> Sides:
    return Sides(level + band, level, frozenset({UNDER}), even_at_first=False)


def either_way(level: float, band: float) -> Sides:
    return Sides(level + band, level - band, frozenset({OVER, UNDER}), even_at_first=False)


CROSSINGS = {"up": upwards, "down": downwards, "either": either_way}
"""How a crossing's direction is asked for."""
LEVELS = {"above": at_or_above, "below": below}
"""How a level's direction is asked for."""
