"""Which tokens an exchange is asked about, where it tells its history token by token."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from markets.models import Token
from portfolios.models import Connection, Holding, SeenBalance


def tickers_of(connection: Connection) -> set[str]:
    """What the account holds or was seen to move, and what the portfolio knows of."""
    seen = SeenBalance.objects.filter(connection=connection).values_list("ticker", flat=True)
    held = list(
        Holding.objects.filter(portfolio=connection.portfolio_id).order_by().values_list("asset", flat=True)
    )
    registered = dict(Token.objects.filter(coingecko_id__in=held).values_list("coingecko_id", "symbol"))
    return {*seen, *(registered.get(asset, asset).upper() for asset in held)}


def moved_since(connection: Connection, since: datetime) -> set[str]:
    """Those whose balance was another one since then, or of which that is not known. A trade moves both its tokens, so
    a pair is only looked through where both did."""
    own = SeenBalance.objects.filter(connection=connection)
    return set(own.filter(Q(moved_at=None) | Q(moved_at__gte=since)).values_list("ticker", flat=True))


def note_tickers(connection: Connection, named: Iterable[tuple[str, str]]) -> None:
    """Tokens of the history, each with what it is called in transactions; those that are known stay as they are."""
    rows = [
        SeenBalance(connection=connection, ticker=ticker, asset=asset) for ticker, asset in sorted(set(named))
    ]
    SeenBalance.objects.bulk_create(rows, ignore_conflicts=True)
