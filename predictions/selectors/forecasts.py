"""Published forecasts: the newest of each token and timeframe, and one token's newest ones with what became
of them.
"""

from collections.abc import Iterable, Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from markets.models import Token
from predictions.models import Forecast

Latest = dict[tuple[int, str], Forecast]
"""(token id, timeframe) to the newest published forecast."""


def latest_forecasts(timeframes: Sequence[str], token_ids: Iterable[int] | None = None) -> Latest:
    """The newest published forecast of each followed token (or of `token_ids`) and timeframe, in one query.

    Each is found by one step in an index, so the work does not grow with the record.
    """
    tokens = Token.objects.active() if token_ids is None else Token.objects.filter(pk__in=list(token_ids))
    newest = [tokens.order_by().values_list(_newest_id(timeframe)) for timeframe in timeframes]
    if not newest:
        return {}
    ids = newest[0].union(*newest[1:], all=True)
    found = Forecast.objects.filter(pk__in=ids).select_related("token", "engine_version", "outcome")
    return {(forecast.token_id, forecast.timeframe): forecast for forecast in found}


def forecasts_for(token: Token, timeframe: str, limit: int) -> QuerySet[Forecast]:
    """The newest `limit` published forecasts, newest first, each with its engine and its outcome if it has
    one.
    """
    published = Forecast.objects.filter(token=token, timeframe=timeframe, published=True)
    return published.select_related("token", "engine_version", "outcome").order_by("-as_of", "-id")[:limit]


def _newest_id(timeframe: str) -> Subquery:
    published = Forecast.objects.filter(token=OuterRef("pk"), timeframe=timeframe, published=True)
    return Subquery(published.order_by("-as_of", "-id").values("pk")[:1])
