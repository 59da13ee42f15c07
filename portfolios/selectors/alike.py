"""How concentrated a portfolio's value is, and which of its holdings move as one."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from markets.selectors.panel import daily_closes
from portfolios.accounting import together
from portfolios.accounting.allocation import (
    MOST_HERFINDAHL,
    MOST_IN_ONE,
    Concentration,
    allocation,
    concentration,
)
from portfolios.selectors.valuing import Valuation, Valued


@dataclass(frozen=True)
class Weight:
    """A holding that could be valued, with its share of all that could be: 0 to 1."""

    row: Valued
    value_usd: float
    share: float

    @property
    def symbol(self) -> str:
        return self.row.symbol


@dataclass(frozen=True)
class Group:
    """Holdings that move as one: every two of them correlate at least as `least` says."""

    weights: tuple[Weight, ...]
    least: float

    @property
    def share(self) -> float:
        return sum(one.share for one in self.weights)


@dataclass(frozen=True)
class Alike:
    """`correlation` is in the order of `weights`, dearest first; NaN where it cannot be known."""

    weights: tuple[Weight, ...]
    correlation: NDArray[np.float64]
    groups: tuple[Group, ...]

    @property
    def shares(self) -> list[float]:
        return [one.share for one in self.weights]


def concentration_of(valuation: Valuation) -> Concentration | None:
    """None where nothing could be valued."""
    values = {row.asset: row.standing.value_usd for row in valuation.held if row.standing.value_usd}
    found = concentration(allocation(values))
    if found is None:
        return None
    symbol = next(row.symbol for row in valuation.held if row.asset == found.largest.name)
    return replace(found, largest=replace(found.largest, name=symbol))


def alike(valuation: Valuation, now: datetime) -> Alike:
    """One query. `now` is market time."""
    weights = tuple(
        Weight(row, float(row.standing.value_usd), float(row.share))
        for row in valuation.held
        if row.standing.value_usd and row.share is not None
    )
    ids = [one.row.token.pk for one in weights if one.row.token]
    closes = daily_closes(ids, now, together.DAYS + 1)
    correlation = together.correlations(together.daily_log_returns(closes))
    return Alike(weights, correlation, tuple(_groups(weights, correlation)))


def concentration_warnings(found: Concentration | None) -> list[str]:
    """Each with the limit that was passed, so that a reader can disagree."""
    said = []
    if found and found.one_is_too_large:
        said.append(
            f"{found.largest.name} is {found.largest.share:.0%} of the portfolio, more than {MOST_IN_ONE:.0%}."
        )
    if found and found.is_concentrated:
        said.append(
            f"The value is as concentrated as {found.equal_parts.normalize():f} equal parts "
            f"(Herfindahl {found.herfindahl:.2f}, above {MOST_HERFINDAHL})."
        )
    return said


def alike_warnings(found: Alike) -> list[str]:
    return [_moves_as_one(group) for group in found.groups]


def _moves_as_one(group: Group) -> str:
    symbols = [one.symbol for one in group.weights]
    return (
        f"{', '.join(symbols[:-1])} and {symbols[-1]} move as one: every two of them with a correlation of "
        f"{group.least:.2f} or more over {together.DAYS} days, together {group.share:.0%} of the portfolio."
    )


def _groups(weights: tuple[Weight, ...], correlation: NDArray[np.float64]) -> list[Group]:
    return [
        Group(tuple(weights[place] for place in places), float(correlation[np.ix_(places, places)].min()))
        for places in together.groups(correlation, [one.share for one in weights])
    ]
