"""What owners do about data issues: say which token a ticker is, state what something was worth, or leave it alone."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet

from core.lib.errors import BadInput, Conflict
from markets.models import Token
from portfolios.models import LeftIssue, Portfolio, Transaction
from portfolios.selectors.bookings import regions
from portfolios.selectors.issues import Action, Issue, count_key, issues_of
from portfolios.selectors.portfolios import locked_portfolios, portfolio_in, portfolio_of
from portfolios.services.at_market import fill_in
from portfolios.services.booking import assets_of, book
from portfolios.services.transactions import change_transaction


def leave_issue(*, owner_id: UUID, portfolio_id: UUID, kind: str, subject: str, wall: datetime) -> Issue:
    """It comes back when its facts change. Raises Conflict where there is no such issue now."""
    portfolio = portfolio_of(owner_id, portfolio_id)
    issue = _issue(portfolio, kind, subject, wall)
    LeftIssue.objects.update_or_create(
        portfolio=portfolio,
        kind=kind,
        subject=subject,
        defaults={"facts": issue.facts[:300], "left_at": wall},
    )
    cache.delete(count_key(portfolio))
    return issue


def take_up_issue(*, owner_id: UUID, portfolio_id: UUID, kind: str, subject: str) -> None:
    """One that was left alone waits again."""
    portfolio = portfolio_of(owner_id, portfolio_id)
    LeftIssue.objects.filter(portfolio=portfolio, kind=kind, subject=subject).delete()
    cache.delete(count_key(portfolio))


def state_worth(
    *,
    owner_id: UUID,
    portfolio_id: UUID,
    transaction_id: UUID,
    price_usd: Decimal,
    now: datetime,
    wall: datetime,
) -> Transaction:
    """What one was worth in dollars when it happened. Raises Conflict where there is none, or that is known already."""
    portfolio_of(owner_id, portfolio_id)
    row = Transaction.objects.filter(portfolio__owner_id=owner_id, pk=transaction_id).first()
    if row is None:
        raise Conflict("You have no such transaction.")
    if row.price_usd is not None:
        raise Conflict("Its worth is known already; change the transaction to say another.")
    return change_transaction(
        owner_id=owner_id,
        portfolio_id=row.portfolio_id,
        transaction_id=transaction_id,
        changes={"price_usd": price_usd},
        now=now,
        wall=wall,
    )


def name_token(*, owner_id: UUID, portfolio_id: UUID, asset: str, coingecko_id: str, wall: datetime) -> int:
    """Every row of the ticker is booked as that token from now on, also in portfolios to which it was moved: the ends
    of a transfer are of one asset. How many rows there were.
    """
    if not Token.objects.active().filter(coingecko_id=coingecko_id).exists():
        raise BadInput.at("coingecko_id", "Name a token that is followed.")
    if Token.objects.filter(coingecko_id=asset).exists():
        raise Conflict(f"{asset} is a token already.")
    with transaction.atomic():
        portfolios = locked_portfolios(owner_id)
        portfolio_in(portfolios, portfolio_id)
        (region,) = regions(owner_id, asset, [portfolio_id])
        rows = Transaction.objects.filter(portfolio_id__in=region.portfolios)
        _refuse_itself(rows, asset, coingecko_id)
        changed = sum(
            rows.filter(**{column: asset}).update(**{column: coingecko_id, "changed_at": wall})
            for column in ("asset", "quote_asset", "fee_asset")
        )
        if not changed:
            raise Conflict(f"Nothing in this portfolio is called {asset}.")
        touched = {name: set(region.portfolios) for name in (asset, coingecko_id)}
        for name, ids in assets_of(fill_in(_awaiting(rows, coingecko_id))).items():
            touched.setdefault(name, set()).update(ids)
        book(owner_id, portfolios, now=wall, touched=touched)
    return changed


def _awaiting(rows: QuerySet[Transaction], asset: str) -> QuerySet[Transaction]:
    return rows.filter(Q(asset=asset) | Q(quote_asset=asset) | Q(fee_asset=asset), awaits_close=True)


def _refuse_itself(rows: QuerySet[Transaction], asset: str, coingecko_id: str) -> None:
    for one, other in ((asset, coingecko_id), (coingecko_id, asset)):
        if rows.filter(asset=one, quote_asset=other).exists():
            raise Conflict("The two were traded for each other, so they are not the same token.")


def _issue(portfolio: Portfolio, kind: str, subject: str, wall: datetime) -> Issue:
    for issue in issues_of(portfolio, wall):
        if issue.key == (kind, subject) and Action.LEAVE in issue.actions:
            return issue
    raise Conflict("There is no such issue any more.")
