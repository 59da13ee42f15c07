"""Worths that no stored close told when they were booked, filled in once history reaches back that far. What is known
stays as it is; books are worked out anew from what became known.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from portfolios.models import Transaction
from portfolios.selectors.portfolios import locked_portfolios
from portfolios.services.at_market import fill_in, value_at_market
from portfolios.services.booking import assets_of, book

AT_ONCE = 2000


def fill_in_worths(wall: datetime) -> int:
    """How many transactions became known. Looking holds no lock; each owner's rows are looked at again under his."""
    told: dict[UUID, list[UUID]] = defaultdict(list)
    for rows in _awaiting():
        changed = {row.pk for row in value_at_market(rows)}
        for row in rows:
            if row.pk in changed or not row.awaits_close:
                told[row.portfolio.owner_id].append(row.pk)
    return sum(_fill(owner_id, ids, wall) for owner_id, ids in told.items())


def _awaiting() -> Iterator[list[Transaction]]:
    """Some at a time, by their ids: rows that stay as they are come once."""
    waiting = Transaction.objects.filter(awaits_close=True).select_related("portfolio").order_by("id")
    rows = list(waiting[:AT_ONCE])
    while rows:
        yield rows
        rows = list(waiting.filter(id__gt=rows[-1].pk)[:AT_ONCE])


def _fill(owner_id: UUID, ids: list[UUID], wall: datetime) -> int:
    return sum(_fill_some(owner_id, ids[at : at + AT_ONCE], wall) for at in range(0, len(ids), AT_ONCE))


@transaction.atomic
def _fill_some(owner_id: UUID, ids: list[UUID], wall: datetime) -> int:
    portfolios = locked_portfolios(owner_id)
    changed = fill_in(Transaction.objects.filter(pk__in=ids, awaits_close=True, portfolio__in=portfolios))
    if changed:
        book(owner_id, portfolios, now=wall, touched=assets_of(changed))
    return len(changed)
