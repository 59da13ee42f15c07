"""The own preferences: how pages show things, and when mail is welcome."""

from datetime import time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.models.preferences import (
    CLOCK_RULE,
    NOTICES,
    THEMES,
    TIMEFRAMES,
    Preferences,
    time_zones,
    validate_quiet_hours,
)
from accounts.pages.form_page import form_page, sent
from accounts.pages.signed_in import signed_in
from accounts.services.profile import change_profile

_REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"
)  # fmt: skip


def _clock_field(label: str, help_text: str = "") -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(
        label=label,
        required=False,
        widget=widget,
        input_formats=["%H:%M"],
        help_text=help_text,
        error_messages={"invalid": CLOCK_RULE},
    )


class PreferencesForm(forms.Form):
    time_zone = forms.ChoiceField(help_text="For times on pages, and for quiet hours.")
    default_timeframe = forms.ChoiceField(
        label="Timeframe shown first",
        required=False,
        choices=[("", "As for everybody (1 hour)"), *TIMEFRAMES.items()],
    )
    theme = forms.ChoiceField(
        choices=list(THEMES.items()),
        help_text="The button at the top of each page chooses another one for this browser alone.",
    )
    quiet_from = _clock_field("Quiet from")
    quiet_until = _clock_field(
        "Quiet until",
        "What your alerts have to say in this time is sent after it. Leave both empty for none.",
    )
    email_notices = forms.MultipleChoiceField(
        label="Send me mail when",
        required=False,
        choices=list(NOTICES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="What concerns the safety of your account is always sent.",
    )

    def __init__(self, data: Any, chosen: Preferences) -> None:
        super().__init__(data, initial=_shown(chosen))
        self.fields["time_zone"].choices = zone_choices(chosen.time_zone)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends or none."""
        said = dict(super().clean() or {})
        start, end = said.get("quiet_from"), said.get("quiet_until")
        if (start is None) != (end is None):
            self.add_error("quiet_until" if end is None else "quiet_from", "Write both times, or none.")
        elif start is not None and not self.errors:
            validate_quiet_hours(*map(_clock, (start, end)))
        return said


@never_cache
@csrf_protect
@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)

    def choose(said: dict[str, Any]) -> HttpResponse:
        change_profile(user_id=user.id, changes={"preferences": _chosen(said)})
        messages.success(request, "Your preferences are kept.")
        return redirect("account-preferences")

    form = PreferencesForm(sent(request), Preferences.of(user.preferences))
    return form_page(request, form, "accounts/preferences.html", choose, heading="Preferences")


def _shown(chosen: Preferences) -> dict[str, Any]:
    quiet = chosen.quiet_hours
    return {
        "time_zone": chosen.time_zone,
        "default_timeframe": chosen.default_timeframe,
        "theme": chosen.theme,
        "quiet_from": quiet.start if quiet else None,
        "quiet_until": quiet.end if quiet else None,
        "email_notices": [name for name in NOTICES if chosen.wants_mail(name)],
    }


def _chosen(said: dict[str, Any]) -> dict[str, Any]:
    """As they are stored; None, which forgets, for what is the default anyway."""
    quiet = {"from": _clock(said["quiet_from"]), "to": _clock(said["quiet_until"])}
    unwanted = {name: False for name in NOTICES if name not in said["email_notices"]}
    default = Preferences()
    return {
        "time_zone": said["time_zone"] if said["time_zone"] != default.time_zone else None,
        "default_timeframe": said["default_timeframe"] or None,
        "theme": said["theme"] if said["theme"] != default.theme else None,
        "quiet_hours": quiet if quiet["from"] else None,
        "email_notices": unwanted or None,
    }


def _clock(moment: time | None) -> str:
    return f"{moment:%H:%M}" if moment else ""


def zone_choices(own: str) -> list[Any]:
    """UTC, then places by region; the own zone too where it is an old or unusual one."""
    regions = [
        (region, [(name, _place(name)) for name in sorted(time_zones()) if name.startswith(f"{region}/")])
        for region in _REGIONS
    ]
    known = {name for _, places in regions for name, _ in places} | {"UTC"}
    odd = [(own, own)] if own not in known else []
    return [("UTC", "UTC"), *odd, *regions]


def _place(name: str) -> str:
    return name.partition("/")[2].replace("_", " ")
