"""Portfolios made, renamed, counted by another method, made the default, and deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.selectors.users import account_of
from core.lib.errors import BadInput, Conflict
from portfolios.models import Lot, LotUse, Portfolio, Transaction
from portfolios.selectors.portfolios import locked_portfolios, portfolio_in, portfolios_of
from portfolios.services.booking import assets_in, book

MOST_PORTFOLIOS = {User.Plan.FREE: 3, User.Plan.PRO: 50}


def create_portfolio(
    *, owner_id: UUID, name: str, now: datetime, note: str = "", method: str = Portfolio.CostMethod.FIFO
) -> Portfolio:
    """The first one is the default. Conflict where the name is taken or the plan allows no more."""
    with transaction.atomic():
        owner = account_of(owner_id, locked=True)  # so that two at once are not one too many
        count = Portfolio.objects.filter(owner=owner).count()
        _refuse_too_many(owner, count)
        _refuse_taken(owner_id, name)
        words = {"name": name, "note": note, "method": method, "is_default": count == 0}
        return Portfolio.objects.create(owner=owner, created_at=now, changed_at=now, **words)


def first_portfolio(*, owner_id: UUID, now: datetime) -> Portfolio:
    """The default one; who has none gets one."""
    with transaction.atomic():
        account_of(owner_id, locked=True)
        own = portfolios_of(owner_id).first()
        return own or create_portfolio(owner_id=owner_id, name="Portfolio", now=now)


def change_portfolio(
    *, owner_id: UUID, portfolio_id: UUID, changes: Mapping[str, Any], now: datetime
) -> Portfolio:
    """Sets what `changes` names of name, note, method and is_default. Another method works the book out anew."""
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        portfolio = portfolio_in(portfolios, portfolio_id)
        _set_words(portfolio, changes)
        if "is_default" in changes:
            _set_default(portfolio, changes["is_default"])
        is_counted_anew = changes.get("method", portfolio.method) != portfolio.method
        portfolio.method = changes.get("method", portfolio.method)
        portfolio.changed_at = now
        portfolio.save()
        if is_counted_anew:
            touched = {asset: [portfolio.pk] for asset in assets_in(portfolio)}
            book(owner_id, portfolios, now=now, touched=touched, changed=[portfolio.pk])
            portfolio.refresh_from_db()
    return portfolio


def delete_portfolio(*, owner_id: UUID, portfolio_id: UUID, now: datetime) -> None:
    """With everything in it. What had come from it into other portfolios stays there, its past unknown; the oldest
    that is left becomes the default."""
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        portfolio = portfolio_in(portfolios, portfolio_id)
        touched = _cut_pairs(portfolio)
        # Rows by the hundred thousand go by one statement a table, not one by one through the ORM's collector.
        LotUse.objects.filter(lot__portfolio=portfolio).delete()
        Lot.objects.filter(portfolio=portfolio).delete()
        portfolio.delete()
        del portfolios[portfolio_id]
        if touched:
            book(owner_id, portfolios, now=now, touched=touched)
        heir = portfolios_of(owner_id).first()
        if heir is not None and not heir.is_default:
            Portfolio.objects.filter(pk=heir.pk).update(is_default=True)


def _set_words(portfolio: Portfolio, changes: Mapping[str, Any]) -> None:
    if changes.get("name", portfolio.name) != portfolio.name:
        _refuse_taken(portfolio.owner_id, changes["name"])
        portfolio.name = changes["name"]
    portfolio.note = changes.get("note", portfolio.note)


def _set_default(portfolio: Portfolio, wanted: bool) -> None:
    if portfolio.is_default and not wanted:
        raise BadInput.at("is_default", "Make another portfolio the default; one always is.")
    if wanted:
        Portfolio.objects.filter(owner_id=portfolio.owner_id, is_default=True).update(is_default=False)
    portfolio.is_default = wanted


def _cut_pairs(portfolio: Portfolio) -> dict[str, set[UUID]]:
    """Transfers of the owner's other portfolios that led here stand alone now; what that touches."""
    led_here = Transaction.objects.filter(pair__portfolio=portfolio).exclude(portfolio=portfolio)
    touched: dict[str, set[UUID]] = {}
    for asset, portfolio_id in led_here.values_list("asset", "portfolio_id").distinct():
        touched.setdefault(asset, set()).add(portfolio_id)
    led_here.update(pair=None)
    return touched


def _refuse_too_many(owner: User, count: int) -> None:
    most = MOST_PORTFOLIOS[User.Plan(owner.plan)]
    if count >= most:
        raise Conflict(f"Your plan has {most} portfolios, and you have them all. Delete one first.")


def _refuse_taken(owner_id: UUID, name: str) -> None:
    if Portfolio.objects.filter(owner_id=owner_id, name=name).exists():
        raise Conflict("You have a portfolio of this name already. Choose another name.")
