"""Forecasts of a token, of all tokens, and the wish for better-trained engines."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.api.envelope import answer
from core.api.idempotency import idempotent
from core.lib.clock import market_now
from core.lib.errors import NotAllowed, NotSignedIn
from predictions import tasks
from predictions.api import serializers
from predictions.api.queries import ForecastsQuery, SummaryQuery, TokenQuery, token_of
from predictions.api.replies import kept
from predictions.selectors.replies import forecasts_reply, summary_reply

_MAY_TRAIN = {User.Role.ANALYST, User.Role.STAFF, User.Role.ADMIN}


class ForecastsView(APIView):
    @extend_schema(
        summary="The newest forecasts of a token",
        parameters=[ForecastsQuery],
        responses=serializers.ForecastsOutput,
    )
    def get(self, request: Request, symbol: str) -> Response:
        asked = ForecastsQuery.read(request)
        token = token_of(symbol, asked)
        return kept(forecasts_reply(token, asked["timeframe"], asked["limit"], market_now()))


class SummaryView(APIView):
    @extend_schema(
        summary="The newest forecast of every token",
        parameters=[SummaryQuery],
        responses=serializers.SummaryOutput,
    )
    def get(self, request: Request) -> Response:
        asked = SummaryQuery.read(request)
        return kept(summary_reply(asked["timeframe"], asked.get("category"), market_now()))


class TrainView(APIView):
    api_key_scope = "train"

    @idempotent()
    @extend_schema(
        summary="Train the engines that forecast a token",
        description="For analysts and staff. Engines are pooled: the one that is trained serves every token.",
        parameters=[TokenQuery],
        request=serializers.TrainInput,
        responses={202: serializers.TrainOutput},
    )
    def post(self, request: Request, symbol: str) -> Response:
        _refuse_others(request)
        token_of(symbol, TokenQuery.read(request))
        wanted = serializers.TrainInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        timeframes = [wanted.validated_data["timeframe"]] if "timeframe" in wanted.validated_data else None
        run, _ = tasks.begin_training(timeframes)
        return answer({"job_id": run.pk}, status=202)


def _refuse_others(request: Request) -> None:
    if not request.user.is_authenticated:
        raise NotSignedIn("Sign in as an analyst to train engines.")
    if request.user.role not in _MAY_TRAIN:
        raise NotAllowed("Training is for analysts and staff.")
