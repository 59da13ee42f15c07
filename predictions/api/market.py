"""The market with forecasts beside it: the screener, and one token whole."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import hot
from core.api.envelope import answer
from core.api.pagination import page_of
from core.lib.clock import market_now
from predictions.api import serializers
from predictions.api.queries import TokenQuery, TokensQuery, screen_of, token_of
from predictions.api.replies import KEPT_SECONDS, kept
from predictions.selectors.screener import row_shown, screen
from predictions.selectors.token_detail import token_reply
from predictions.services.publishing import MAX_AGE_SECONDS


class TokensView(APIView):
    @extend_schema(
        summary="Followed tokens with market data and forecasts",
        parameters=[TokensQuery],
        responses=serializers.TokenRowOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        wanted, now = screen_of(request), market_now()
        page = page_of(screen(wanted), request)
        rows = [row_shown(row, wanted.timeframe, now) for row in page.items]
        response = answer(rows, page.meta, max_age=MAX_AGE_SECONDS)
        return hot.keep(response, seconds=KEPT_SECONDS, max_age=MAX_AGE_SECONDS)


class TokenView(APIView):
    @extend_schema(summary="One token whole", parameters=[TokenQuery], responses=serializers.TokenOutput)
    def get(self, request: Request, symbol: str) -> Response:
        return kept(token_reply(token_of(symbol, TokenQuery.read(request)), market_now()))
