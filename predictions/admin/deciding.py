"""The page between an action on an engine and its effect: it asks why, since the reason is kept and public."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextareaWidget

from core.lib.errors import Conflict
from predictions.models import EngineVersion

Deed = Callable[[EngineVersion, str], str]
"""Does it, with the reason; gives the sentence that staff are told. Raises Conflict where it cannot be done."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        error_messages={"required": "Say why; the reason is kept and shown in public."},
    )


def decide(
    request: HttpRequest,
    chosen: QuerySet[EngineVersion],
    *,
    action: str,
    title: str,
    explained: str,
    do: Deed,
    context: dict[str, Any],
) -> TemplateResponse | None:
    """Asks for the reason first, then does it; None leads back to the list."""
    if chosen.count() != 1:
        messages.error(request, "Choose one engine: each decision has a reason of its own.")
        return None
    version = chosen.get()
    form = ReasonForm(request.POST if "decided" in request.POST else None)
    if form.is_valid():
        try:
            messages.success(request, do(version, form.cleaned_data["reason"]))
        except Conflict as error:
            messages.error(request, f"{version}: {error.message}")
        return None
    shown = {
        **context,
        "title": title,
        "explained": explained,
        "version": version,
        "form": form,
        "action": action,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/predictions/decide.html", shown)
