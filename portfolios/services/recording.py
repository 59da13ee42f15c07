"""Many transactions at once, from a file or an exchange: each is booked once however often it comes, and lots are
worked out once at the end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import transaction

from markets.services.bulk import insert_all
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.portfolios import locked_portfolios, portfolio_in
from portfolios.services.at_market import value_at_market
from portfolios.services.booking import assets_of, book
from portfolios.services.booking.anew import clear
from portfolios.services.entries import Entry, tidied
from portfolios.services.transactions import columns, cut_pairs

AT_ONCE = 1000
_COLUMNS = [field.name for field in Transaction._meta.concrete_fields]
_values = attrgetter(*(field.attname for field in Transaction._meta.concrete_fields))


@dataclass(frozen=True)
class Recorded:
    """`known` were booked already, by their external id."""

    new: list[Transaction]
    known: int


def record_many(
    *,
    owner_id: UUID,
    portfolio_id: UUID,
    entries: Iterable[Entry],
    origin: Transaction.Origin,
    wall: datetime,
    also: Mapping[str, Any] | None = None,
    later: bool = False,
) -> Recorded:
    """Entries that were checked (`entries.faults_of`). One without an external id is always new. `also` sets further
    columns of every row. `later` leaves the lots to whoever calls `booking.later.catch_up` after the last of several
    calls.
    """
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        portfolio = portfolio_in(portfolios, portfolio_id)
        wanted = [tidied(entry) for entry in entries]
        fresh = _unknown(portfolio, origin, wanted)
        rows = [
            Transaction(
                portfolio=portfolio,
                origin=origin,
                created_at=wall,
                changed_at=wall,
                **columns(entry),
                **also or {},
            )
            for entry in fresh
        ]
        value_at_market(rows)
        insert_all(Transaction, _COLUMNS, map(_values, rows))
        if rows:
            book(owner_id, portfolios, now=wall, new=rows, later=later)
    return Recorded(rows, len(wanted) - len(rows))


def delete_many(
    *,
    owner_id: UUID,
    portfolio_id: UUID,
    transaction_ids: Sequence[UUID],
    wall: datetime,
    later: bool = False,
) -> int:
    """Those of them that are the portfolio's; the other ends of matched transfers stay, unmatched."""
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        portfolio = portfolio_in(portfolios, portfolio_id)
        gone = 0
        touched: dict[str, set[UUID]] = {}
        for start in range(0, len(transaction_ids), AT_ONCE):
            some = transaction_ids[start : start + AT_ONCE]
            rows = list(Transaction.objects.filter(portfolio=portfolio, pk__in=some))
            _part_and_delete(rows, touched)
            gone += len(rows)
        if gone:
            book(owner_id, portfolios, now=wall, touched=touched, changed=[portfolio_id], later=later)
    return gone


def _part_and_delete(rows: list[Transaction], touched: dict[str, set[UUID]]) -> None:
    """Adds to `touched`. Lots of what is touched for the first time go at once, not with each of their transactions."""
    found = assets_of(rows)
    for row in rows:
        if row.pair_id:
            found[row.asset].update(cut_pairs([row]))
    for asset, ids in found.items():
        known = touched.setdefault(asset, set())
        if not ids <= known:
            clear(asset, ids - known)
            known.update(ids)
    Transaction.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _unknown(portfolio: Portfolio, origin: Transaction.Origin, entries: list[Entry]) -> list[Entry]:
    """Also what comes twice among them counts once."""
    seen: set[str] = set()
    own = Transaction.objects.filter(portfolio=portfolio, origin=origin)
    named = [entry.external_id for entry in entries if entry.external_id]
    for start in range(0, len(named), AT_ONCE):
        some = named[start : start + AT_ONCE]
        seen.update(own.filter(external_id__in=some).values_list("external_id", flat=True))
    fresh = []
    for entry in entries:
        if entry.external_id not in seen or not entry.external_id:
            fresh.append(entry)
            seen.add(entry.external_id)
    return fresh
