"""Preferences in and out: known keys alone, each checked; null forgets one."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.models.preferences import (
    CLOCK_RULE,
    NOTICES,
    THEMES,
    TIMEFRAMES,
    validate_clock,
    validate_quiet_hours,
    validate_time_zone,
)
from core.api.fields import OneOf, PlainText, StrictBoolean


class KnownKeys(serializers.Serializer[dict[str, Any]]):
    """An object with a key that is not listed is refused: a typing error must not pass for a choice."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping) and set(data) - set(self.fields):
            raise serializers.ValidationError(f"Only {', '.join(self.fields)} are known.")
        return dict(super().to_internal_value(data))


class QuietHoursInput(KnownKeys):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Made here, since `from` is a word of Python's own."""
        return {name: _clock() for name in ("from", "to")}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        validate_quiet_hours(attrs["from"], attrs["to"])
        return attrs


class EmailNoticesInput(KnownKeys):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: StrictBoolean(required=False, help_text=words) for name, words in NOTICES.items()}


class PreferencesInput(KnownKeys):
    """What is given replaces what was chosen before; null forgets it."""

    theme = OneOf(list(THEMES), required=False, allow_null=True)
    time_zone = PlainText(
        required=False,
        allow_null=True,
        max_length=64,
        validators=[validate_time_zone],
        help_text="Such as `Europe/Zurich`.",
    )
    default_timeframe = OneOf(list(TIMEFRAMES), required=False, allow_null=True)
    quiet_hours = QuietHoursInput(required=False, allow_null=True, help_text="In the own time zone.")
    email_notices = EmailNoticesInput(required=False, allow_null=True)


class PreferencesOutput(serializers.Serializer[Any]):
    """What was chosen; a key that is absent was not."""

    theme = serializers.ChoiceField(list(THEMES), required=False)
    time_zone = serializers.CharField(required=False)
    default_timeframe = serializers.ChoiceField(list(TIMEFRAMES), required=False)
    quiet_hours = QuietHoursInput(required=False)
    email_notices = EmailNoticesInput(required=False)


def _clock() -> PlainText:
    return PlainText(max_length=5, validators=[validate_clock], help_text=CLOCK_RULE)
