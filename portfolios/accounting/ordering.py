"""The one order in which movements are booked, whatever the order of rows.

By time; at one and the same time: 1. what comes in, 2. what moves between own portfolios, out of where nothing is
about to come in first, 3. what goes out; then by content; last by id, where two rows are alike and it makes no
difference to any figure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portfolios.accounting.exact import ZERO
from portfolios.accounting.movements import Movement, Way

_INCOMING, _BETWEEN, _OUTGOING = 0, 1, 2
_COMES_IN = (Way.ACQUIRED, Way.EARNED, Way.ARRIVED)


@dataclass(frozen=True, slots=True)
class Ordered:
    """`arrivals` and `departures` name the two ends of each transfer between own portfolios by each other's id."""

    movements: list[Movement]
    arrivals: Mapping[str, Movement] = field(default_factory=dict)
    departures: Mapping[str, Movement] = field(default_factory=dict)


def in_order(movements: Iterable[Movement]) -> Ordered:
    rows = list(movements)
    arrivals, departures = _transfers(rows)
    if not arrivals:
        return Ordered(sorted(rows, key=_plain_key))
    depths = _depths(arrivals, departures)

    def key(movement: Movement) -> tuple[Any, ...]:
        if movement.way is Way.DEPARTED and movement.transaction in arrivals:
            return _between_key(movement.at, movement, depths, 0)
        if movement.way is Way.ARRIVED and movement.transaction in departures:
            departure = departures[movement.transaction]
            return _between_key(arrived_at(movement, departure), departure, depths, 1)
        return _plain_key(movement)

    return Ordered(sorted(rows, key=key), arrivals, departures)


def arrived_at(arrival: Movement, departure: Movement) -> datetime:
    """Never before it left: the clocks of two places differ."""
    return max(arrival.at, departure.at)


def _plain_key(movement: Movement) -> tuple[Any, ...]:
    return (
        movement.at,
        _INCOMING if movement.way in _COMES_IN else _OUTGOING,
        0,
        *_content(movement),
    )


def _content(movement: Movement) -> tuple[Any, ...]:
    worth = movement.worth_usd
    return (
        movement.asset,
        movement.portfolio,
        movement.way.value,
        movement.quantity,
        worth is None,
        ZERO if worth is None else worth,
        movement.fee_usd,
        movement.transaction,
    )


_Depths = Mapping[tuple[datetime, str], Mapping[str, int]]


def _between_key(at: datetime, departure: Movement, depths: _Depths, end: int) -> tuple[Any, ...]:
    """What left earlier arrives first; what leaves now follows the order of places."""
    depth = -1 if departure.at < at else depths.get((at, departure.asset), {}).get(departure.portfolio, 0)
    return (at, _BETWEEN, depth, *_content(departure), end)


def _transfers(rows: list[Movement]) -> tuple[dict[str, Movement], dict[str, Movement]]:
    """Arrivals by the id of their departure, and departures by the id of their arrival; both ends must be there."""
    leaving = {row.transaction: row for row in rows if row.way is Way.DEPARTED and row.pair}
    coming = {row.transaction: row for row in rows if row.way is Way.ARRIVED and row.pair}
    arrivals = {
        name: coming[row.pair]
        for name, row in leaving.items()
        if row.pair in coming and coming[row.pair].pair == name and coming[row.pair].asset == row.asset
    }
    return arrivals, {arrival.transaction: leaving[name] for name, arrival in arrivals.items()}


def _depths(arrivals: Mapping[str, Movement], departures: Mapping[str, Movement]) -> _Depths:
    """For moments at which something is moved on at once: how many moves lie before each place."""
    moves: dict[tuple[datetime, str], set[tuple[str, str]]] = defaultdict(set)
    for arrival in arrivals.values():
        departure = departures[arrival.transaction]
        if arrival.at <= departure.at:
            moves[departure.at, departure.asset].add((departure.portfolio, arrival.portfolio))
    return {moment: _depth_of_places(edges) for moment, edges in moves.items() if len(edges) > 1}


def _depth_of_places(edges: set[tuple[str, str]]) -> dict[str, int]:
    """Places that nothing flows into come first; a circle is broken at its first name."""
    depths: dict[str, int] = {}
    open_edges, places = set(edges), {place for edge in edges for place in edge}
    while places:
        fed = {target for _, target in open_edges}
        free = places - fed or {min(places)}
        depths |= dict.fromkeys(free, len(depths))
        places -= free
        open_edges = {edge for edge in open_edges if edge[0] in places and edge[1] in places}
    return depths
