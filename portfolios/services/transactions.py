"""Transactions booked, changed and deleted by the portfolio's owner; the lots follow in the same step."""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.lib.errors import Conflict, NotFound
from portfolios.accounting.movements import Kind
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.portfolios import locked_portfolios, portfolio_in
from portfolios.services.at_market import value_at_market
from portfolios.services.booking import assets_of, book
from portfolios.services.entries import Entry, checked

_COLUMNS = [field.name for field in fields(Entry)]
_LABELS = {"note", "external_id"}
"""Changing these changes no lot."""
_ENDS = {Kind.TRANSFER_IN, Kind.TRANSFER_OUT}


def record_transaction(
    *, owner_id: UUID, portfolio_id: UUID, entry: Entry, now: datetime, wall: datetime
) -> Transaction:
    """`now` is market time. Raises BadInput, NotFound, and Conflict where its external id is booked already."""
    entry = checked(entry, now=now)
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        portfolio = portfolio_in(portfolios, portfolio_id)
        _refuse_known(portfolio, Transaction.Origin.BY_HAND, entry.external_id)
        row = Transaction(portfolio=portfolio, **columns(entry), created_at=wall, changed_at=wall)
        value_at_market([row])
        row.save(force_insert=True)
        book(owner_id, portfolios, now=wall, new=[row])
    return row


def change_transaction(
    *,
    owner_id: UUID,
    portfolio_id: UUID,
    transaction_id: UUID,
    changes: Mapping[str, Any],
    now: datetime,
    wall: datetime,
) -> Transaction:
    """Sets what `changes` names of an entry's fields. A transfer whose asset, kind or quantity changes loses the other
    end that it was matched with.
    """
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        row = _row_in(portfolio_in(portfolios, portfolio_id), transaction_id)
        old = entry_of(row)
        entry = checked(replace(old, **changes), now=now)
        if entry.external_id != old.external_id:
            _refuse_known(row.portfolio, row.origin, entry.external_id)
        touched = assets_of([row])
        if row.pair_id and any(
            getattr(entry, name) != getattr(old, name) for name in ("kind", "asset", "quantity")
        ):
            touched[row.asset].update(cut_pairs([row]))
        for name, value in columns(entry).items():
            setattr(row, name, value)
        if entry.executed_at != old.executed_at:
            row.valued_by = None
        value_at_market([row])
        row.changed_at = wall
        row.save()
        for asset, ids in assets_of([row]).items():
            touched.setdefault(asset, set()).update(ids)
        is_label = all(getattr(entry, name) == getattr(old, name) for name in _COLUMNS if name not in _LABELS)
        book(owner_id, portfolios, now=wall, touched={} if is_label else touched, changed=[row.portfolio_id])
    return row


def delete_transaction(*, owner_id: UUID, portfolio_id: UUID, transaction_id: UUID, wall: datetime) -> None:
    """The other end of a matched transfer stays, unmatched."""
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        row = _row_in(portfolio_in(portfolios, portfolio_id), transaction_id)
        touched = assets_of([row])
        touched[row.asset].update(cut_pairs([row]))
        row.delete()
        book(owner_id, portfolios, now=wall, touched=touched, changed=[row.portfolio_id])


def cut_pairs(rows: Collection[Transaction]) -> set[UUID]:
    """These transfers and their other ends stand alone; the portfolios of the other ends."""
    ends = [row.pair_id for row in rows if row.pair_id]
    if not ends:
        return set()
    others = Transaction.objects.filter(pk__in=ends)
    touched = set(others.values_list("portfolio_id", flat=True))
    others.update(pair=None)
    Transaction.objects.filter(pk__in=[row.pk for row in rows]).update(pair=None)
    for row in rows:
        row.pair = None
    return touched


def columns(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _COLUMNS} | {"kind": entry.kind.value}


def entry_of(row: Transaction) -> Entry:
    return Entry(**{name: getattr(row, name) for name in _COLUMNS} | {"kind": Kind(row.kind)})


def _refuse_known(portfolio: Portfolio, origin: str, external_id: str) -> None:
    own = Transaction.objects.filter(portfolio=portfolio, origin=origin)
    if external_id and own.filter(external_id=external_id).exists():
        raise Conflict("A transaction with this external_id is booked already.")


def _row_in(portfolio: Portfolio, transaction_id: UUID) -> Transaction:
    row = Transaction.objects.filter(portfolio=portfolio, pk=transaction_id).first()
    if row is None:
        raise NotFound("This portfolio has no such transaction.")
    return row
