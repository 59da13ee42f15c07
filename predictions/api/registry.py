"""Which engines there are, how they came to their roles, and what speaks for them."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.envelope import answer
from core.api.fields import UtcDateTime
from core.lib.clock import market_now
from predictions.api.queries import TIMEFRAME_NAMES
from predictions.api.record_serializers import SkillOutput
from predictions.api.serializers import Output
from predictions.models import EngineVersion, RoleChange
from predictions.selectors.registry import engines_shown


class SpanOutput(Output):
    vars()["from"] = UtcDateTime(allow_null=True)  # a reserved word
    to = UtcDateTime(allow_null=True)


class LiveOutput(Output):
    n = serializers.IntegerField()
    skill = SkillOutput()


class RoleHistoryOutput(Output):
    since = UtcDateTime(allow_null=True)
    basis = serializers.ChoiceField(
        RoleChange.Basis.values, allow_null=True, help_text="Null where a younger version only replaced it."
    )
    reason = serializers.CharField(allow_null=True)


class LookOutput(Output):
    judged_at = UtcDateTime()
    against = serializers.CharField()
    earned = serializers.BooleanField()
    reason = serializers.CharField()


class ModelOutput(Output):
    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.CharField()
    timeframe = serializers.ChoiceField(TIMEFRAME_NAMES)
    role = serializers.ChoiceField(EngineVersion.Role.values)
    role_history = RoleHistoryOutput()
    published = serializers.BooleanField()
    definitions = serializers.IntegerField()
    indicators_used = serializers.ListField(child=serializers.CharField())
    trained_at = UtcDateTime(allow_null=True)
    data_span = SpanOutput()
    scores = serializers.DictField(
        help_text="Walking forward over the candles it was trained on; never live."
    )
    training = serializers.DictField(help_text="Rows, tokens, libraries, digest of the data, settings tried.")
    live = LiveOutput()
    trials = serializers.IntegerField(
        help_text="Trained versions of this engine and timeframe up to this one."
    )
    looks = serializers.IntegerField(help_text="How often it was judged for the champion's place.")
    last_look = LookOutput(allow_null=True)


class ModelsView(APIView):
    @extend_schema(
        summary="The registry of engines",
        description="Every version with its role, how it came to it, walk-forward and live scores, trials and looks.",
        responses=ModelOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        found = engines_shown(market_now())
        return answer(found, {"count": len(found), "next": None, "previous": None}, max_age=60)
