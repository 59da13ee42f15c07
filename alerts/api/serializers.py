"""What the calls under `alerts` take and answer, field by field."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.preferences import QuietHoursInput
from alerts.models import Alert
from alerts.models.alert import MOST_NOTE
from alerts.services.previewing import MOST_DAYS
from core.api.fields import FiniteFloat, OneOf, PlainText, StrictInteger, Symbol, TextUUID, UtcDateTime
from core.api.schema import example

MONTH = 30 * 86_400
_RHYTHM_WORDS = {
    "hysteresis": "How far the reading must go back before it counts again: for prices in percent of the level, else "
    "in the unit of the level.",
    "cooldown_seconds": "Silence after an event, in market time.",
}


class Parameters(serializers.DictField):
    """An object; its condition checks what is in it."""

    default_error_messages = {"not_a_dict": "Write an object with the parameters of this kind."}

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "What the kind needs to know: see the documentation of alerts.")
        super().__init__(child=serializers.JSONField(), **options)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping) or len(data) > 20:
            self.fail("not_a_dict", input_type="")
        return {str(name): value for name, value in data.items()}


class RhythmInput(serializers.Serializer[dict[str, Any]]):
    repeat = OneOf(Alert.Repeat.values, required=False)
    cooldown_seconds = StrictInteger(
        required=False, min_value=0, max_value=MONTH, help_text=_RHYTHM_WORDS["cooldown_seconds"]
    )
    hysteresis = FiniteFloat(required=False, min_value=0, max_value=50, help_text=_RHYTHM_WORDS["hysteresis"])
    expires_at = UtcDateTime(required=False, allow_null=True)
    snoozed_until = UtcDateTime(required=False, allow_null=True)
    quiet_hours = QuietHoursInput(
        required=False, allow_null=True, help_text="In the own time zone; null leaves it to the preferences."
    )
    note = PlainText(required=False, allow_blank=True, max_length=MOST_NOTE)
    channels = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=50,
        help_text="Notification channels that are told beside the inbox. Left out of a new alert: all that count.",
    )


@example({"symbol": "SOL", "kind": "price_above", "params": {"price": 200.0}})
class AlertInput(RhythmInput):
    symbol = Symbol(required=False, help_text="The token that is watched; left out where a portfolio is.")
    coingecko_id = PlainText(
        required=False, max_length=128, help_text="Picks one of several tokens that share the ticker."
    )
    portfolio_id = TextUUID(
        required=False, help_text="The own portfolio that is watched, for kinds that begin with `portfolio_`."
    )
    kind = OneOf(Alert.Kind.values)
    params = Parameters()


@example({"params": {"price": 210.0}, "note": "further up"})
class AlertChanges(RhythmInput):
    params = Parameters(required=False)
    state = OneOf(["active", "paused"], required=False)


class AlertOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    symbol = serializers.CharField(allow_null=True, help_text="Null where a portfolio is watched.")
    coingecko_id = serializers.CharField(allow_null=True)
    portfolio_id = serializers.UUIDField(allow_null=True)
    portfolio = serializers.CharField(allow_null=True, help_text="Its name.")
    kind = serializers.ChoiceField(Alert.Kind.values)
    params = serializers.DictField()
    repeat = serializers.ChoiceField(Alert.Repeat.values)
    cooldown_seconds = serializers.IntegerField()
    hysteresis = serializers.FloatField()
    expires_at = UtcDateTime(allow_null=True)
    snoozed_until = UtcDateTime(allow_null=True)
    quiet_hours = QuietHoursInput(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(Alert.State.values)
    armed = serializers.BooleanField(help_text="False until the reading has gone back far enough.")
    sentence = serializers.CharField(help_text="What the alert will do, in plain words.")
    channels = serializers.ListField(child=serializers.UUIDField())
    last_event_at = UtcDateTime(allow_null=True)
    created_at = UtcDateTime()


class EventOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    alert_id = serializers.UUIDField(allow_null=True, help_text="Null where the alert was deleted.")
    symbol = serializers.CharField(allow_null=True)
    portfolio_id = serializers.UUIDField(allow_null=True)
    kind = serializers.ChoiceField(Alert.Kind.values)
    sentence = serializers.CharField(help_text="What happened, in plain words.")
    note = serializers.CharField(allow_blank=True)
    values = serializers.DictField(help_text="What shows why: the reading, and what it was made of.")
    fired_at = UtcDateTime(help_text="Market time of the reading.")
    created_at = UtcDateTime()
    is_test = serializers.BooleanField()
    acknowledged_at = UtcDateTime(allow_null=True)


class PreviewInput(AlertInput):
    days = StrictInteger(required=False, min_value=1, max_value=MOST_DAYS, default=MOST_DAYS)


class FiredOutput(serializers.Serializer[Any]):
    at = UtcDateTime()
    value = serializers.FloatField()
    sentence = serializers.CharField()


class PreviewOutput(serializers.Serializer[Any]):
    sentence = serializers.CharField(help_text="What the alert would do.")
    message = serializers.CharField(
        source="words", help_text="How often it would have fired, and how that is known."
    )
    count = serializers.IntegerField()
    fired = FiredOutput(many=True, help_text="The newest 200 times, ascending.")
    since = UtcDateTime(allow_null=True, help_text="Where what is stored begins; null where nothing is.")
    until = UtcDateTime()
    step_seconds = serializers.IntegerField(
        allow_null=True, help_text="Between two readings; null where forecasts bring them."
    )
    is_whole = serializers.BooleanField(help_text="Whether what is stored reaches back as far as asked.")
