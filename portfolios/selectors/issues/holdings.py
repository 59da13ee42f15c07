"""Issues of what is held: history that is missing, tickers of no token, and tokens without a price."""

from collections.abc import Iterator

from core.lib.decimals import trimmed
from markets.models import LatestQuote, Token
from portfolios.models import Holding, Portfolio
from portfolios.selectors.issues.issue import Action, Issue, IssueKind


def of_holdings(portfolio: Portfolio) -> Iterator[Issue]:
    """Three queries."""
    rows = list(Holding.objects.filter(portfolio=portfolio).order_by("asset"))
    tokens = {one.coingecko_id: one for one in _tokens([row.asset for row in rows])}
    priced = set(LatestQuote.objects.filter(token__in=tokens.values()).values_list("token_id", flat=True))
    for row in rows:
        token = tokens.get(row.asset)
        if token is None:
            yield _unknown(row)
        if row.short > 0:
            yield _short(row, token.symbol if token else row.asset)
        if token is not None and row.quantity > 0 and (token.pk not in priced or not token.active):
            yield _unpriced(row, token)


def _tokens(assets: list[str]) -> list[Token]:
    return list(Token.objects.filter(coingecko_id__in=assets).only("coingecko_id", "symbol", "active"))


def _unknown(row: Holding) -> Issue:
    return Issue(
        kind=IssueKind.UNKNOWN_TOKEN,
        subject=row.asset,
        facts=row.asset,
        title=f"Which token is {row.asset}?",
        meaning="No token that is followed has this ticker, so it has no price and is not in the value. Say which one "
        "it is, and every row of it is booked as that.",
        actions=(Action.NAME_TOKEN, Action.LEAVE),
        asset=row.asset,
    )


def _short(row: Holding, symbol: str) -> Issue:
    short = trimmed(row.short)
    return Issue(
        kind=IssueKind.SHORT_HISTORY,
        subject=row.asset,
        facts=f"short by {short}",
        title=f"{short} {symbol} went out without ever having come in",
        meaning="Some of its history is missing: a purchase, a transfer in, a reward. Until it is booked, the cost of "
        "what went out is unknown, and so is the profit.",
        actions=(Action.ADD_TRANSACTION, Action.LEAVE),
        asset=row.asset,
    )


def _unpriced(row: Holding, token: Token) -> Issue:
    followed = "no price of it has come yet" if token.active else "it is followed no longer"
    return Issue(
        kind=IssueKind.MISSING_PRICE,
        subject=row.asset,
        facts=followed,
        title=f"{token.symbol} has no price",
        meaning=f"It is held, but {followed}; so it is not in the value of the portfolio.",
        actions=(Action.LEAVE,),
        asset=row.asset,
    )
