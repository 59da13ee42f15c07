"""The chain over the record: its head, to be noted, and its links, to be checked."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import hot
from core.api.envelope import answer
from core.api.fields import StrictInteger, UtcDateTime
from core.api.pagination import CursorQuery, cursor_page
from predictions.api.replies import KEPT_SECONDS
from predictions.api.serializers import Output
from predictions.models import RecordLink
from predictions.selectors import chain
from predictions.services.publishing import MAX_AGE_SECONDS


class LinksQuery(CursorQuery):
    since = StrictInteger(default=1, min_value=1, max_value=2_000_000_000, help_text="From this position on.")


class HeadOutput(Output):
    position = serializers.IntegerField(help_text="0 while there is no link.")
    head = serializers.CharField(allow_null=True, help_text="64 hexadecimal digits.")
    linked_at = UtcDateTime(allow_null=True)
    links = serializers.IntegerField()
    forecasts = serializers.IntegerField()
    outcomes = serializers.IntegerField()
    form = serializers.IntegerField(help_text="Version of the written form.")
    daily_heads = serializers.CharField(help_text="Where the last head of each day is.")
    how_to_check = serializers.CharField()


class LinkOutput(Output):
    position = serializers.IntegerField()
    kind = serializers.ChoiceField(RecordLink.Kind.values)
    timeframe = serializers.CharField(allow_null=True)
    moment = UtcDateTime()
    rows = serializers.IntegerField()
    content = serializers.CharField(help_text="SHA-256 of the rows.")
    previous = serializers.CharField(allow_null=True)
    head = serializers.CharField()
    linked_at = UtcDateTime()


class HeadView(APIView):
    @extend_schema(
        summary="The head of the record's chain",
        description="Whoever notes it can later check that nothing before it was changed or slipped in.",
        responses=HeadOutput,
    )
    def get(self, request: Request) -> Response:
        response = answer(chain.head_reply(), max_age=MAX_AGE_SECONDS)
        return hot.keep(response, seconds=KEPT_SECONDS, max_age=MAX_AGE_SECONDS)


class LinksView(APIView):
    @extend_schema(
        summary="The links of the record's chain, oldest first",
        parameters=[LinksQuery],
        responses=LinkOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        since = LinksQuery.read(request)["since"]
        wanted = chain.links().filter(position__gte=since)
        page = cursor_page(wanted, request, order=("position",))
        return answer([chain.link_shown(link) for link in page.items], page.meta, max_age=MAX_AGE_SECONDS)
