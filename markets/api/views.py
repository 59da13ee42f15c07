"""Market data for apps: parse, ask one selector, answer."""

from datetime import datetime

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import hot
from core.api.envelope import answer
from core.lib.clock import iso, market_clock, market_now, wall_now
from markets.api import examples, serializers, shown
from markets.api.queries import CandlesQuery, HistoryQuery, TrendingQuery, token_of
from markets.candles.intervals import interval_seconds
from markets.freshness import quote_stale_after, trending_stale_after
from markets.selectors.history import Candles, candles, history
from markets.selectors.solana import solana_market
from markets.selectors.sources import source_reports
from markets.selectors.trending import trending

MAX_AGE_SECONDS = 5
KEPT_SECONDS = 60.0
"""Ready bytes are dropped when newer prices or candles are stored; this bounds a drop that was lost."""


class SolanaView(APIView):
    @extend_schema(
        summary="Solana's market, with the line of its last week",
        responses=serializers.SolanaOutput,
        examples=[OpenApiExample("Solana", examples.SOLANA, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        now = market_now()
        found = solana_market(now)
        reply = answer(shown.solana_shown(found, now), max_age=MAX_AGE_SECONDS)
        return _kept(reply, quote_stale_after(found.quote.observed_at), now)


class TrendingView(APIView):
    @extend_schema(
        summary="What people search for",
        parameters=[TrendingQuery],
        responses=serializers.TrendingOutput,
        examples=[OpenApiExample("Trending", examples.TRENDING, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        asked, now = TrendingQuery.read(request), market_now()
        found = trending(
            limit=asked["limit"], category=asked.get("category"), everywhere=asked["scope"] == "all"
        )
        reply = answer(shown.trending_shown(found, now), max_age=MAX_AGE_SECONDS)
        return _kept(reply, trending_stale_after(found.observed_at) if found.observed_at else now, now)


class CandlesView(APIView):
    @extend_schema(
        summary="Closed candles of a token, ascending",
        description="Without `from` the newest ones. `meta` says where they come from and, in `next`, where"
        " the rest is. Four hours and days are made of whole stored hours.",
        parameters=[CandlesQuery],
        responses=serializers.CandleOutput(many=True),
        examples=[OpenApiExample("Two hours", examples.CANDLE, response_only=True)],
    )
    def get(self, request: Request, symbol: str) -> Response:
        asked, now = CandlesQuery.read(request), market_now()
        token = token_of(symbol, asked)
        interval = interval_seconds(asked["interval"])
        found = candles(
            token,
            interval,
            since=asked.get("from"),
            until=asked.get("to") or now,
            limit=asked["limit"],
            now=now,
        )
        return answer(
            shown.candles_shown(found), _meta(found, asked["interval"], request), max_age=MAX_AGE_SECONDS
        )


class HistoryView(APIView):
    @extend_schema(
        summary="Prices, volumes and market caps as plain charts draw them",
        parameters=[HistoryQuery],
        responses=serializers.HistoryOutput,
        examples=[OpenApiExample("A month", examples.HISTORY, response_only=True)],
    )
    def get(self, request: Request, symbol: str) -> Response:
        asked = HistoryQuery.read(request)
        found = history(token_of(symbol, asked), asked["days"], market_now())
        return answer(shown.history_shown(found), max_age=MAX_AGE_SECONDS)


class SourcesView(APIView):
    @extend_schema(
        summary="How the market's sources fare",
        responses=serializers.SourceOutput(many=True),
        examples=[OpenApiExample("Binance", examples.SOURCE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        reports = source_reports(market_now(), wall_now())
        meta = {"count": len(reports), "next": None, "previous": None}
        return answer([shown.source_shown(report) for report in reports], meta, max_age=MAX_AGE_SECONDS)


def _kept(reply: Response, stale_after: datetime, now: datetime) -> Response:
    """Ready bytes until the freshness in them turns, or for a minute."""
    until = market_clock().wall_for(stale_after) if stale_after >= now else None
    return hot.keep(reply, until=until, seconds=KEPT_SECONDS, max_age=MAX_AGE_SECONDS)


def _meta(found: Candles, interval: str, request: Request) -> dict[str, object]:
    return {
        "count": len(found.series),
        "next": _next(found, request) if found.more_from else None,
        "previous": None,
        "symbol": found.token.symbol,
        "id": found.token.coingecko_id,
        "interval": interval,
        "observed_at": iso(found.observed_at),
        "source": found.source,
        "freshness": found.freshness,
    }


def _next(found: Candles, request: Request) -> str:
    query = request.GET.copy()
    query["from"] = iso(found.more_from) if found.more_from else ""
    return f"{request.path}?{query.urlencode()}"
