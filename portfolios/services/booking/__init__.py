"""From transactions to lots and holdings: appended where they are the last, else worked out anew, at once or by a job.

1. Whoever changes transactions locks his portfolios, changes, and calls `book` within the same database transaction.
2. New movements at the end of their asset's history are applied alone.
3. Any other change works the asset out anew in the portfolios that its transfers connect, at once where it is small.
4. What is large is marked; a job works it out, and until then the portfolio is not current.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from portfolios.accounting.movements import Movement
from portfolios.accounting.taking_apart import taken_apart
from portfolios.events import books_behind, transactions_changed
from portfolios.models import Portfolio, Transaction, UnbookedAsset
from portfolios.selectors.bookings import Region, book_of, booked, methods_of, regions
from portfolios.services.booking.anew import replace
from portfolios.services.booking.appending import append

MOST_AT_ONCE = 5000
"""So many movements are worked out within a request."""

Locked = Mapping[UUID, Portfolio]
Touched = Mapping[str, Collection[UUID]]
"""Portfolios by the asset that changed in them."""


def assets_of(rows: Iterable[Transaction]) -> dict[str, set[UUID]]:
    """What a change or a deletion of these rows touches."""
    touched: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        for movement in taken_apart([booked(row)]):
            touched[movement.asset].add(row.portfolio_id)
    return touched


def assets_in(portfolio: Portfolio) -> set[str]:
    """All that ever moved in it."""
    held = portfolio.holdings.values_list("asset", flat=True)
    return set(held) | set(portfolio.unbooked_assets.values_list("asset", flat=True))


def book(
    owner_id: UUID,
    portfolios: Locked,
    *,
    now: datetime,
    new: Iterable[Transaction] = (),
    touched: Touched | None = None,
    changed: Iterable[UUID] = (),
    later: bool = False,
) -> None:
    """`portfolios` are all of the owner's, locked. `new` rows were not booked before; `touched` is worked out anew;
    `changed` are portfolios whose rows changed without any effect on lots. `later` leaves everything marked, for a
    caller that books many at the end. `now` is wall time.
    """
    anew = {asset: set(ids) for asset, ids in (touched or {}).items()}
    revised = set(changed).union(*anew.values()) if anew else set(changed)
    rows = list(new)
    revised |= {row.portfolio_id for row in rows}
    marked = _marks(portfolios)
    for asset, movements in _by_asset(rows).items():
        ids = {UUID(movement.portfolio) for movement in movements}
        is_clear = not later and asset not in anew and not any((pk, asset) in marked for pk in ids)
        if not (is_clear and append(asset, movements, methods_of(portfolios.values()))):
            anew.setdefault(asset, set()).update(ids)
    budget = MOST_AT_ONCE
    for asset, ids in anew.items():
        for region in regions(owner_id, asset, ids):
            revised |= region.portfolios
            is_marked = later or any((pk, asset) in marked for pk in region.portfolios)
            size = 0 if is_marked else region.movements()
            if is_marked or size > budget:
                _mark(region, now)
            else:
                budget -= size
                replace(region, book_of(region, portfolios.values()))
    _revise(owner_id, revised, told=not later)


def _by_asset(rows: Iterable[Transaction]) -> dict[str, list[Movement]]:
    by_asset: dict[str, list[Movement]] = defaultdict(list)
    for movement in taken_apart(booked(row) for row in rows):
        by_asset[movement.asset].append(movement)
    return by_asset


def _marks(portfolios: Locked) -> set[tuple[UUID, str]]:
    marks = UnbookedAsset.objects.filter(portfolio_id__in=list(portfolios))
    return set(marks.values_list("portfolio_id", "asset"))


def _mark(region: Region, now: datetime) -> None:
    for portfolio_id in region.portfolios:
        mark, is_new = UnbookedAsset.objects.get_or_create(
            portfolio_id=portfolio_id, asset=region.asset, defaults={"since": now}
        )
        if not is_new:
            UnbookedAsset.objects.filter(pk=mark.pk).update(changes=F("changes") + 1)


def _revise(owner_id: UUID, portfolio_ids: Iterable[UUID], *, told: bool) -> None:
    """A new revision of each, and the book's where nothing is left to be worked out."""
    ids = list(portfolio_ids)
    Portfolio.objects.filter(pk__in=ids).update(revision=F("revision") + 1)
    settle(ids)
    if told:
        announce(owner_id, ids)


def settle(portfolio_ids: Iterable[UUID]) -> None:
    """The book of those without a mark follows from all of their transactions."""
    own = Portfolio.objects.filter(pk__in=list(portfolio_ids), unbooked_assets=None)
    Portfolio.objects.filter(pk__in=list(own.values_list("pk", flat=True))).update(
        book_revision=F("revision")
    )


def announce(owner_id: UUID, portfolio_ids: Iterable[UUID]) -> None:
    """After commit."""
    ids = list(portfolio_ids)
    is_behind = UnbookedAsset.objects.filter(portfolio_id__in=ids).exists()
    transaction.on_commit(
        lambda: transactions_changed.send(sender=Transaction, portfolio_ids=ids, owner_id=owner_id)
    )
    if is_behind:
        transaction.on_commit(lambda: books_behind.send(sender=Portfolio, owner_id=owner_id))
