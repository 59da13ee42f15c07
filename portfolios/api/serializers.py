"""What the calls under `portfolios` take and answer, field by field."""

from typing import Any

from rest_framework import serializers

from core.api.fields import OneOf, PlainText, StrictBoolean, UtcDateTime
from core.api.schema import example
from portfolios.models import Portfolio

MOST_NAME, MOST_NOTE = 60, 200
METHODS = Portfolio.CostMethod.values


@example({"name": "Long term", "method": "fifo"})
class PortfolioInput(serializers.Serializer[dict[str, Any]]):
    name = PlainText(max_length=MOST_NAME)
    note = PlainText(required=False, allow_blank=True, max_length=MOST_NOTE)
    method = OneOf(METHODS, required=False, help_text="Which lots a sale uses up: `fifo` unless it is given.")


@example({"name": "Savings", "method": "average"})
class PortfolioChanges(serializers.Serializer[dict[str, Any]]):
    name = PlainText(required=False, max_length=MOST_NAME)
    note = PlainText(required=False, allow_blank=True, max_length=MOST_NOTE)
    method = OneOf(METHODS, required=False, help_text="Another one works all lots out anew.")
    is_default = StrictBoolean(
        required=False, help_text="`true` makes it the one that `/market/portfolio` shows."
    )


class PortfolioOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    method = serializers.ChoiceField(METHODS)
    is_default = serializers.BooleanField()
    is_current = serializers.BooleanField(
        help_text="False while its figures are being worked out anew after a change of the past."
    )
    created_at = UtcDateTime()
    changed_at = UtcDateTime()
