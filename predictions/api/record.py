"""The record in public: how well every engine did, the rows behind it, and which engines there are."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.lib.clock import market_now
from predictions.api import record_serializers
from predictions.api.queries import RecordQuery, record_filters
from predictions.api.replies import kept
from predictions.selectors.chain import noted_head
from predictions.selectors.record_rows import ABSTENTIONS_HEADER, HEADER, abstention_rows, record_rows
from predictions.selectors.track_record import track_record_reply

_CSV = {(200, "text/csv"): OpenApiTypes.STR}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class TrackRecordView(APIView):
    @extend_schema(
        summary="How well the engines did",
        description=(
            "Live forecasts at the instants that count. Below 30 blocks of time, skill is null. `models` are versions,"
            " `engines` all versions of each together, `published` what users were shown; with a timeframe, `detail`"
            " takes apart the engine that `model` names, else what was published."
        ),
        parameters=[RecordQuery],
        responses=record_serializers.TrackRecordOutput,
    )
    def get(self, request: Request) -> Response:
        asked = RecordQuery.read(request)
        return kept(track_record_reply(asked.get("timeframe"), record_filters(asked), market_now()))


class TrackRecordFile(APIView):
    @extend_schema(summary="Every scored forecast as CSV", parameters=[RecordQuery], responses=_CSV)
    def get(self, request: Request) -> StreamingHttpResponse:
        asked = RecordQuery.read(request)
        rows = record_rows(asked.get("timeframe"), record_filters(asked))
        return _file("khalsi-track-record.csv", HEADER, rows)


class AbstentionsFile(APIView):
    @extend_schema(
        summary="Every abstention as CSV",
        description="Who got no forecast, when and why; engine and regime do not apply.",
        parameters=[RecordQuery],
        responses=_CSV,
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        asked = RecordQuery.read(request)
        rows = abstention_rows(asked.get("timeframe"), record_filters(asked))
        return _file("khalsi-abstentions.csv", ABSTENTIONS_HEADER, rows)


class _Echo:
    """What `csv` writes to: gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _file(name: str, header: Sequence[str], rows: Iterable[list[Any]]) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Record-Head": noted_head()}
    return StreamingHttpResponse(
        _lines(header, rows), content_type="text/csv; charset=utf-8", headers=headers
    )


def _lines(header: Sequence[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
