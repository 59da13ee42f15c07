"""The data issues of a portfolio, found in what is stored now: none can be out of date, and mending one removes it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.core.cache import cache

from markets.models import Token
from portfolios.models import LeftIssue, Portfolio
from portfolios.selectors.issues.exchanges import of_exchanges
from portfolios.selectors.issues.holdings import of_holdings
from portfolios.selectors.issues.issue import Action, Issue, IssueKind
from portfolios.selectors.issues.rows import of_transfers, of_worth

__all__ = ["Action", "Issue", "IssueKind", "count_key", "issues_of", "open_count"]
COUNT_KEPT_SECONDS = 60


def issues_of(portfolio: Portfolio, wall: datetime) -> list[Issue]:
    """Those that wait first, each kind together; then those that were left alone while their facts are the same.
    `wall` is wall time."""
    names = dict(Token.objects.values_list("coingecko_id", "symbol"))
    found = [
        *of_holdings(portfolio),
        *of_transfers(portfolio, names),
        *of_worth(portfolio, names),
        *of_exchanges(portfolio, wall),
    ]
    left = {(one.kind, one.subject): one.facts for one in LeftIssue.objects.filter(portfolio=portfolio)}
    marked = (replace(one, is_left=left.get(one.key) == one.facts[:300]) for one in found)
    return _in_order(marked)


def _in_order(issues: Iterable[Issue]) -> list[Issue]:
    places = {kind: place for place, kind in enumerate(IssueKind)}
    return sorted(issues, key=lambda one: (one.is_left, places[one.kind]))


def open_count(portfolio: Portfolio, wall: datetime) -> int:
    """How many wait; at most a minute old, since every page of the portfolio shows it."""
    key = count_key(portfolio)
    known: int | None = cache.get(key)
    if known is None:
        known = sum(not one.is_left for one in issues_of(portfolio, wall))
        cache.set(key, known, COUNT_KEPT_SECONDS)
    return known


def count_key(portfolio: Portfolio) -> str:
    return f"portfolios:issues:{portfolio.pk}:{portfolio.revision}"
