"""What the market says of the assets of a portfolio: which of them have prices at all, and their closes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.lib.clock import floor_to
from markets.models import Token
from markets.selectors.closes import closes_of
from markets.selectors.coverage import reaches
from portfolios.accounting.flows import Flow, Market
from portfolios.selectors.performance.span import HOUR, Span


@dataclass(frozen=True)
class Listed:
    """`tokens` by asset: those with a stored hour somewhere in the span; `newest` says when their newest one closed.
    `named` are all assets that a token is known for.
    """

    tokens: dict[str, Token]
    newest: dict[str, datetime]
    named: frozenset[str]


def listed(assets: Iterable[str], span: Span) -> Listed:
    named = {token.coingecko_id: token for token in Token.objects.filter(coingecko_id__in=assets)}
    reach = reaches([token.pk for token in named.values()], HOUR)
    since = span.since - timedelta(seconds=2 * HOUR)
    tokens = {
        asset: token
        for asset, token in named.items()
        if token.pk in reach and reach[token.pk][1] >= since and reach[token.pk][0] < span.until
    }
    closed = {asset: reach[token.pk][1] + timedelta(seconds=HOUR) for asset, token in tokens.items()}
    return Listed(tokens, closed, frozenset(named))


def market_of(flows: Iterable[Flow], tokens: dict[str, Token]) -> Market:
    """Knows what each of these flows was worth by the close of the hour before it, where that is stored."""
    asked = {(tokens[flow.asset].pk, _hour(flow.at)) for flow in flows}
    closes = closes_of(asked)

    def price(asset: str, at: datetime) -> Decimal | None:
        close = closes.get((tokens[asset].pk, _hour(at)))
        return None if close is None else Decimal(repr(close))

    return price


def _hour(at: datetime) -> int:
    return int(floor_to(at, HOUR).timestamp())
