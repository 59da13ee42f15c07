"""Issues of single transactions: transfers without their other end, and worths of rows or of fees that nobody knows."""

from collections.abc import Iterator

from django.db.models import F, Q, QuerySet

from core.lib.decimals import trimmed
from portfolios.accounting.movements import Kind
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.issues.issue import Action, Issue, IssueKind
from portfolios.selectors.matching import Suggestion, suggested_matches, unmatched_transfers

_TRADES = (Kind.BUY.value, Kind.SELL.value)
_WORTH_MATTERS = (*_TRADES, Kind.REWARD.value, Kind.AIRDROP.value)
MOST = 500
"""So many issues of one kind are told; the others follow when these are mended."""
Names = dict[str, str]
"""Symbols by asset."""


def of_transfers(portfolio: Portfolio, names: Names) -> Iterator[Issue]:
    rows = list(unmatched_transfers(portfolio.owner_id).filter(portfolio=portfolio)[:MOST])
    if not rows:
        return
    suggestions = suggested_matches(portfolio.owner_id, assets={row.asset for row in rows})
    by_end = {end.pk: one for one in suggestions for end in (one.departure, one.arrival)}
    for row in rows:
        yield _transfer(row, by_end.get(row.pk), names)


def _transfer(row: Transaction, suggestion: Suggestion | None, names: Names) -> Issue:
    came = row.kind == Kind.TRANSFER_IN
    amount = f"{trimmed(row.quantity)} {names.get(row.asset, row.asset)}"
    other = (suggestion.departure if came else suggestion.arrival) if suggestion else None
    lacks_cost = came and row.price_usd is None
    actions = [
        *([Action.MATCH] if suggestion else []),
        *([Action.STATE_WORTH] if lacks_cost else []),
        Action.LEAVE,
    ]
    return Issue(
        kind=IssueKind.UNMATCHED_TRANSFER,
        subject=str(row.pk),
        facts=_facts(row, other),
        title=f"{amount} {'came from' if came else 'went'} somewhere that Khalsi does not know",
        meaning=_came(lacks_cost) if came else _WENT,
        actions=tuple(actions),
        asset=row.asset,
        transaction=row,
        suggestion=suggestion,
    )


_WENT = (
    "If it went to another portfolio of yours, match the two ends: lots and their cost then move along. If it left "
    "you, leave it: nothing is realised by a transfer."
)


def _came(lacks_cost: bool) -> str:
    cost = " Its cost is unknown until then; if you know it, say so." if lacks_cost else ""
    return (
        f"If it came from another portfolio of yours, match the two ends, so that its lots come along.{cost}"
    )


def rows_of_unknown_worth(portfolio: Portfolio) -> QuerySet[Transaction]:
    """Neither stated nor valued at market: the row's own, or its fee's where that is a part of what a trade cost or
    brought and does not follow from the trade. Trades against dollars always have a price.
    """
    worth = Q(price_usd=None, market_worth_usd=None, kind__in=_WORTH_MATTERS)
    fee = Q(fee_quantity__gt=0, fee_usd=None, market_fee_usd=None, kind__in=_TRADES)
    follows = Q(fee_asset__in=("", F("asset"), F("quote_asset")))
    return Transaction.objects.filter(worth | (fee & ~follows), portfolio=portfolio).order_by(
        "-executed_at", "id"
    )


def of_worth(portfolio: Portfolio, names: Names) -> Iterator[Issue]:
    for row in rows_of_unknown_worth(portfolio)[:MOST]:
        if row.price_usd is None and row.market_worth_usd is None:
            yield _unknown(row, names)
        else:
            yield _unknown_fee(row, names)


def _unknown(row: Transaction, names: Names) -> Issue:
    return Issue(
        kind=IssueKind.UNKNOWN_WORTH,
        subject=str(row.pk),
        facts=_facts(row, None),
        title=f"{_deed(row, names)}: for how much?",
        meaning="Nobody knows what it was worth in dollars when it happened, so its cost or proceeds are unknown, "
        "and with them the profit.",
        actions=(Action.STATE_WORTH, Action.LEAVE),
        asset=row.asset,
        transaction=row,
    )


def _unknown_fee(row: Transaction, names: Names) -> Issue:
    fee = f"{trimmed(row.fee_quantity)} {names.get(row.fee_asset, row.fee_asset)}"
    return Issue(
        kind=IssueKind.UNKNOWN_FEE,
        subject=str(row.pk),
        facts=f"{_facts(row, None)} {fee}",
        title=f"{_deed(row, names)}: what was the fee of {fee} worth?",
        meaning="Nobody knows what the fee was worth in dollars when it was paid, so the cost or proceeds are "
        "unknown, and with them the profit. Say it in the transaction.",
        actions=(Action.LEAVE,),
        asset=row.asset,
        transaction=row,
    )


def _deed(row: Transaction, names: Names) -> str:
    return f"{row.get_kind_display()} of {trimmed(row.quantity)} {names.get(row.asset, row.asset)}"


def _facts(row: Transaction, other: Transaction | None) -> str:
    price = "" if row.price_usd is None else trimmed(row.price_usd)
    return f"{row.kind} {trimmed(row.quantity)} {row.asset[:128]} {price} {other.pk if other else ''}".strip()
