"""What the calls about files take and answer, field by field."""

import json
from typing import Any, get_args

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import OneOf, PlainText, StrictBoolean, UtcDateTime
from core.api.schema import example
from core.lib.errors import BadInput
from portfolios.models import ImportBatch
from portfolios.services.importing.terms import DATE_ORDERS
from portfolios.statements.mapping import FIELDS
from portfolios.statements.outcomes import Kind
from portfolios.statements.presets import OWN, PRESETS

MOST_IN_JSON = 200_000


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class ColumnNames(serializers.Field[dict[str, str], Any, Any, Any]):
    """`{"executed_at": "Date"}`; as text in a form or a query."""

    default_error_messages = {
        "invalid": "Write an object that names the column of each field, such as executed_at and Date."
    }

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError):
                self.fail("invalid")
        if not isinstance(data, dict) or not all(
            isinstance(one, str) for pair in data.items() for one in pair
        ):
            self.fail("invalid")
        if not 0 < len(data) <= len(FIELDS) or any(len(one) > 200 for pair in data.items() for one in pair):
            self.fail("invalid")
        return data

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return value


class ImportTerms(serializers.Serializer[dict[str, Any]]):
    """What is said of a file, beside it."""

    preset = OneOf(
        [*PRESETS, OWN], required=False, help_text="Whose file it is; left out, it is known by its header."
    )
    columns = ColumnNames(
        required=False, help_text=f"With `preset` `own`: the column of each field ({', '.join(FIELDS)})."
    )
    kind = OneOf(
        get_args(Kind), required=False, help_text="With `own`: what every row is, where no column says it."
    )
    zone = PlainText(
        required=False,
        max_length=64,
        help_text="Where times without a zone were written; UTC unless it is given.",
    )
    date_order = OneOf(list(DATE_ORDERS), required=False, help_text="Of dates such as 05/01/2026.")
    decimal_comma = StrictBoolean(required=False)
    dollar_coins = StrictBoolean(
        required=False, help_text="`true` takes USDT, USDC and the like at one dollar each."
    )
    probable = StrictBoolean(
        required=False, help_text="`true` imports also rows that are like one that is there under another id."
    )
    dry_run = StrictBoolean(required=False, help_text="`true` checks and tells, and imports nothing.")


@example(
    {
        "csv": "Date,Type,Coin,Amount,Price USD\n2026-01-05 10:00:00,buy,SOL,2,150.5\n",
        "preset": "own",
        "columns": {
            "executed_at": "Date",
            "kind": "Type",
            "asset": "Coin",
            "quantity": "Amount",
            "price_usd": "Price USD",
        },
    }
)
class ImportInput(ImportTerms):
    csv = PlainText(
        multiline=True,
        max_length=MOST_IN_JSON,
        trim_whitespace=False,
        help_text="The file; larger ones come as a form or as text/csv.",
    )


class ImportForm(ImportTerms):
    file = serializers.FileField(help_text="A CSV file of up to 20 MiB. Its name and type are ignored.")


class RowErrorOutput(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    message = serializers.CharField(help_text="What is wrong and what to write; never the value.")


class RowsOutput(serializers.Serializer[Any]):
    new = serializers.IntegerField()
    known = serializers.IntegerField(help_text="There already, by their ids.")
    probable = serializers.IntegerField(
        help_text="Like one that is there: same kind, asset, quantity and second."
    )
    ignored = serializers.IntegerField(help_text="Nothing to book: money, transfers inside the exchange.")
    rejected = serializers.IntegerField()
    booked = serializers.IntegerField()


class ImportRowOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    portfolio_id = serializers.UUIDField()
    state = serializers.ChoiceField(ImportBatch.State.values)
    job_id = serializers.IntegerField(allow_null=True, help_text="See `/jobs/{id}` for its progress.")
    preset = serializers.CharField(allow_null=True)
    encoding = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes of the file.")
    rows = RowsOutput()
    unknown_assets = serializers.ListField(
        child=serializers.CharField(), help_text="Tickers of no known token."
    )
    without_worth = serializers.IntegerField(help_text="New rows without a worth in dollars.")
    failure = serializers.CharField(allow_null=True)
    created_at = UtcDateTime()
    changed_at = UtcDateTime()


class ImportOutput(ImportRowOutput):
    row_errors = RowErrorOutput(many=True, help_text="Of the first hundred rejected rows.")
    header = serializers.ListField(child=serializers.CharField())


def bytes_of(said: Any) -> bytes:
    """The file of a body, however it came."""
    if isinstance(said, UploadedFile):
        return bytes(said.read())
    if isinstance(said, bytes):
        return said
    raise BadInput.at("file", "Send one file in the field `file`.")
