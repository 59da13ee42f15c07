"""How much of each asset was held when: steps that change with every booking."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from portfolios.accounting.exact import ZERO, exact
from portfolios.accounting.flows import Leg

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]


@dataclass(slots=True)
class Held:
    """One asset: after `times[i]` (seconds) `quantities[i]` were held, exactly."""

    times: list[float] = field(default_factory=list)
    quantities: list[Decimal] = field(default_factory=list)


@dataclass(frozen=True)
class Walked:
    """`missing`: what went out without having come in, by the transaction's place and the asset."""

    held: dict[str, Held]
    missing: dict[tuple[int, str], Decimal]


def walk(legs: Iterable[Leg]) -> Walked:
    """At one and the same time what comes in counts before what goes out. Nothing is held below zero: what went out
    beyond what was there is missing history, and later bookings do not make up for it.
    """
    held: dict[str, Held] = defaultdict(Held)
    missing: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    now: dict[str, Decimal] = defaultdict(Decimal)
    with exact():
        for at, _, place, asset, quantity in sorted(map(_in_order, legs)):
            left = now[asset] + quantity
            if left < 0:
                missing[place, asset] -= left
                left = ZERO
            now[asset] = left
            steps = held[asset]
            steps.times.append(at.timestamp())
            steps.quantities.append(left)
    return Walked(dict(held), dict(missing))


def on_grid(held: Held, times: Seconds) -> Floats:
    """What was held right before each of `times`: a booking at midnight belongs to the day that begins."""
    places = np.searchsorted(np.array(held.times), times, side="left")
    quantities = np.array([0.0, *map(float, held.quantities)])
    return np.asarray(quantities[places])


def _in_order(leg: Leg) -> tuple[datetime, bool, int, str, Decimal]:
    """A plain tuple: of these the garbage collector lets go, and there may be a hundred thousand."""
    return leg.at, leg.quantity < 0, leg.transaction, leg.asset, leg.quantity
