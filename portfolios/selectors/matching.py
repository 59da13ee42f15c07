"""Which unmatched transfers look like two ends of one: the same asset, about the same quantity, about the same time."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from portfolios.accounting.exact import exact
from portfolios.accounting.movements import Kind
from portfolios.models import Transaction

CLOCKS_DIFFER_BY = timedelta(days=1)
"""An arrival that was booked so long before its departure is still believed."""
BEFORE, AFTER = timedelta(hours=2), timedelta(days=3)
"""An arrival's time may lie so far from the departure's: clocks differ, networks and people are slow."""
MOST_LOST = Decimal("0.05")
"""The share of a transfer that a network fee may have taken."""
LONGEST = timedelta(days=60)
"""So far apart its owner may match two ends himself."""
MOST_READ, MOST_OFFERED = 500, 20
MOST_NEAR = 50
"""So many arrivals near a departure are looked at."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    departure: Transaction
    arrival: Transaction
    lost: Decimal
    """How much less arrived than left."""
    apart: timedelta
    """From the departure to the arrival."""


def unmatched_transfers(owner_id: UUID) -> QuerySet[Transaction]:
    kinds = (Kind.TRANSFER_OUT.value, Kind.TRANSFER_IN.value)
    own = Transaction.objects.filter(portfolio__owner_id=owner_id, pair=None, kind__in=kinds)
    return own.select_related("portfolio").order_by("asset", "executed_at", "id")


def suggested_matches(owner_id: UUID, *, assets: Collection[str] | None = None) -> list[Suggestion]:
    """The likeliest first; each transfer is in one suggestion at most."""
    rows = unmatched_transfers(owner_id)
    if assets is not None:
        rows = rows.filter(asset__in=assets)
    by_asset: dict[str, list[Transaction]] = defaultdict(list)
    for row in rows:
        by_asset[row.asset].append(row)
    with exact():
        likely = [one for some in by_asset.values() for one in _possible(some)]
        likely.sort(key=_unlikeliness)
    taken: set[UUID] = set()
    chosen = []
    for one in likely:
        ends = {one.departure.pk, one.arrival.pk}
        if not ends & taken:
            taken |= ends
            chosen.append(one)
    return chosen


def other_ends(row: Transaction) -> list[Suggestion]:
    """What an unmatched transfer could be matched with, the likeliest first: further off in time and quantity than what
    is suggested unasked, since the owner chooses.
    """
    if row.pair_id or row.kind not in (Kind.TRANSFER_OUT, Kind.TRANSFER_IN):
        return []
    leaves = row.kind == Kind.TRANSFER_OUT
    others = unmatched_transfers(row.portfolio.owner_id).filter(asset=row.asset)
    if leaves:
        early, late = row.executed_at - CLOCKS_DIFFER_BY, row.executed_at + LONGEST
        others = others.filter(kind=Kind.TRANSFER_IN, quantity__lte=row.quantity)
    else:
        early, late = row.executed_at - LONGEST, row.executed_at + CLOCKS_DIFFER_BY
        others = others.filter(kind=Kind.TRANSFER_OUT, quantity__gte=row.quantity)
    near = others.filter(executed_at__range=(early, late))[:MOST_READ]
    with exact():
        ends = [_suggestion(row, other) if leaves else _suggestion(other, row) for other in near]
        return sorted(ends, key=_unlikeliness)[:MOST_OFFERED]


def _suggestion(departure: Transaction, arrival: Transaction) -> Suggestion:
    lost, apart = departure.quantity - arrival.quantity, arrival.executed_at - departure.executed_at
    return Suggestion(departure, arrival, lost, apart)


def _possible(rows: list[Transaction]) -> Iterator[Suggestion]:
    """`rows` are of one asset, by time."""
    arrivals = [row for row in rows if row.kind == Kind.TRANSFER_IN]
    times = [row.executed_at for row in arrivals]
    for departure in rows:
        if departure.kind != Kind.TRANSFER_OUT:
            continue
        first = bisect_left(times, departure.executed_at - BEFORE)
        for arrival in arrivals[first : first + MOST_NEAR]:
            apart = arrival.executed_at - departure.executed_at
            if apart > AFTER:
                break
            found = _suggestion(departure, arrival)
            if 0 <= found.lost <= departure.quantity * MOST_LOST:
                yield found


def _unlikeliness(one: Suggestion) -> tuple[bool, Decimal, timedelta, str, str]:
    """What lost exactly the fee that was booked fits best, then what lost the least, then the nearest in time."""
    departure = one.departure
    fee = departure.fee_quantity if departure.fee_asset == departure.asset else Decimal(0)
    fits = one.lost in (Decimal(0), fee)
    return (not fits, one.lost / departure.quantity, abs(one.apart), str(departure.pk), str(one.arrival.pk))
