"""Issues of single transactions: transfers without their other end, and rows whose worth nobody knows."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from core.lib.decimals import trimmed
from portfolios.accounting.movements import Kind
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.issues.issue import Action, Issue, IssueKind
from portfolios.selectors.matching import Suggestion, suggested_matches, unmatched_transfers

_WORTH_MATTERS = (Kind.BUY.value, Kind.SELL.value, Kind.REWARD.value, Kind.AIRDROP.value)
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
    """Neither stated nor valued at market. Trades against dollars always have a price."""
    unknown = Q(price_usd=None, market_worth_usd=None, kind__in=_WORTH_MATTERS)
    return Transaction.objects.filter(unknown, portfolio=portfolio).order_by("-executed_at", "id")


def of_worth(portfolio: Portfolio, names: Names) -> Iterator[Issue]:
    for row in rows_of_unknown_worth(portfolio)[:MOST]:
        amount = f"{trimmed(row.quantity)} {names.get(row.asset, row.asset)}"
        yield Issue(
            kind=IssueKind.UNKNOWN_WORTH,
            subject=str(row.pk),
            facts=_facts(row, None),
            title=f"{row.get_kind_display()} of {amount}: for how much?",
            meaning="Nobody knows what it was worth in dollars when it happened, so its cost or proceeds are unknown, "
            "and with them the profit.",
            actions=(Action.STATE_WORTH, Action.LEAVE),
            asset=row.asset,
            transaction=row,
        )


def _facts(row: Transaction, other: Transaction | None) -> str:
    price = "" if row.price_usd is None else trimmed(row.price_usd)
    return f"{row.kind} {trimmed(row.quantity)} {row.asset[:128]} {price} {other.pk if other else ''}".strip()
