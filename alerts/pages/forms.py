"""The form of an alert: the fields of its kind, then its rhythm."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms

from accounts.models.preferences import CLOCK_RULE
from alerts.conditions.words import span
from alerts.models import Alert, NotificationChannel
from alerts.models.alert import MOST_NOTE
from alerts.pages.fields import fields_of, from_params, to_params
from core.lib.errors import KhalsiError
from core.lib.text import is_one_line, normal

_COOLDOWNS = (0, 300, 900, 3600, 14_400, 86_400)
_ENDS = ((0, "when I delete it"), (1, "in 1 day"), (7, "in 7 days"), (30, "in 30 days"), (90, "in 90 days"))
_BANDLESS = {Alert.Kind.FORECAST_FLIP, Alert.Kind.FORECAST_NEW, Alert.Kind.SOURCE_STALE}
_IN_PERCENT = {
    Alert.Kind.PRICE_ABOVE, Alert.Kind.PRICE_BELOW, Alert.Kind.PRICE_CROSSING,
    Alert.Kind.PORTFOLIO_ABOVE, Alert.Kind.PORTFOLIO_BELOW, Alert.Kind.PORTFOLIO_CROSSING,
}  # fmt: skip
KEEP = "keep"


def _clock(label: str, help_text: str = "") -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        input_formats=["%H:%M"],
        help_text=help_text,
        error_messages={"invalid": CLOCK_RULE},
    )


class AlertForm(forms.Form):
    repeat = forms.ChoiceField(label="Tell me", choices=[("once", "once"), ("recurring", "each time")])
    cooldown_seconds = forms.TypedChoiceField(label="Then be silent for", coerce=int)
    hysteresis = forms.FloatField(
        label="Hysteresis",
        initial=0.0,
        min_value=0,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    ends = forms.ChoiceField(label="It ends")
    quiet_from = _clock("Messages wait from")
    quiet_to = _clock(
        "Messages wait until", "By your clock; empty: as your preferences say. The inbox has them at once."
    )
    channels = forms.TypedMultipleChoiceField(
        label="Beside the inbox, tell",
        coerce=UUID,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose among your own channels."},
    )
    note = forms.CharField(
        required=False, max_length=MOST_NOTE, help_text="For yourself; told with the alert."
    )

    def __init__(
        self,
        kind: str,
        data: Any = None,
        alert: Alert | None = None,
        channels: Iterable[NotificationChannel] = (),
    ) -> None:
        super().__init__(data, initial=_shown(alert) if alert else None)
        self.kind = kind
        self.own_fields = fields_of(kind)
        rhythm = {name: self.fields.pop(name) for name in list(self.fields)}
        self.fields.update({**self.own_fields, **rhythm})
        self._offer(alert)
        self._offer_channels(list(channels))

    def clean_note(self) -> str:
        note = normal(self.cleaned_data["note"])
        if not is_one_line(note):
            raise forms.ValidationError("Write one line, without control characters.")
        return note

    def clean(self) -> dict[str, Any]:
        said = dict(super().clean() or {})
        begins, ends = said.get("quiet_from"), said.get("quiet_to")
        if (begins is None) != (ends is None):
            self.add_error("quiet_to" if ends is None else "quiet_from", "Write both times, or none.")
        return said

    def params(self) -> dict[str, Any]:
        return to_params(self.own_fields, self.cleaned_data)

    def rhythm(self, now: datetime) -> dict[str, Any]:
        """As services take it; `now` is market time, from which an end in so many days counts."""
        said = self.cleaned_data
        words = {
            name: said[name] for name in ("repeat", "cooldown_seconds", "quiet_from", "quiet_to", "note")
        }
        if "channels" in self.fields:
            words["channels"] = said["channels"]
        words["hysteresis"] = said.get("hysteresis") or 0.0
        if said["ends"] != KEEP:
            days = int(said["ends"])
            words["expires_at"] = now + timedelta(days=days) if days else None
        return words

    def refuse(self, refusal: KhalsiError) -> None:
        """Beside the fields that it names."""
        for detail in refusal.details:
            name = detail.field.removeprefix("params.")
            self.add_error(name if name in self.fields else None, detail.message)
        if not refusal.details:
            self.add_error(None, refusal.message)

    def _offer(self, alert: Alert | None) -> None:
        """Choices and help that hang on the kind and on what was chosen before."""
        own = alert.cooldown_seconds if alert else 0
        seconds = sorted({*_COOLDOWNS, own})
        cooldown: Any = self.fields["cooldown_seconds"]
        cooldown.choices = [(one, span(one) if one else "no time") for one in seconds]
        ends: Any = self.fields["ends"]
        ends.choices = [(str(days), words) for days, words in _ENDS]
        if alert and alert.expires_at:
            ends.choices = [(KEEP, f"on {alert.expires_at:%d %b %Y %H:%M} UTC"), *ends.choices]
        if self.kind in _BANDLESS:
            del self.fields["hysteresis"]
        else:
            unit = "percent of the level" if self.kind in _IN_PERCENT else "the unit above"
            if "probability" in self.own_fields or "confidence" in self.own_fields:
                unit = "shares: 0.02 is two percentage points"
            self.fields[
                "hysteresis"
            ].help_text = f"How far it must go back before it counts again, in {unit}."

    def _offer_channels(self, channels: list[NotificationChannel]) -> None:
        """A new alert goes wherever a channel counts, unless its owner says otherwise."""
        field: Any = self.fields["channels"]
        if not channels:
            del self.fields["channels"]
            return
        field.choices = [(str(one.id), _named(one)) for one in channels]
        if "channels" not in self.initial:
            field.initial = [str(one.id) for one in channels if one.state == one.State.ACTIVE]


def _named(channel: NotificationChannel) -> str:
    state = "" if channel.state == channel.State.ACTIVE else f", {channel.get_state_display().lower()}"
    return f"{channel.name} ({channel.get_kind_display()}{state})"


def _shown(alert: Alert) -> dict[str, Any]:
    names = ("repeat", "cooldown_seconds", "hysteresis", "quiet_from", "quiet_to", "note")
    ends = KEEP if alert.expires_at else "0"
    told = [str(channel.id) for channel in alert.channels.all()]
    own = {name: getattr(alert, name) for name in names}
    return {**from_params(alert.params), **own, "ends": ends, "channels": told}
