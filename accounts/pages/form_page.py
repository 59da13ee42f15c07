"""A page that is one form: shown until what it asks for is done; refusals stand beside the field they name."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string

from core.lib.errors import KhalsiError, TooMany


def form_page(
    request: HttpRequest,
    form: Form,
    template: str,
    act: Callable[[dict[str, Any]], HttpResponse],
    **context: Any,
) -> HttpResponse:
    """`act` gets what was filled in and says where to go, or raises a KhalsiError."""
    status, headers = 200, {}
    if form.is_bound and form.is_valid():
        try:
            return act(form.cleaned_data)
        except TooMany as refusal:
            form.add_error(None, refusal.message)
            status, headers = refusal.status, {"Retry-After": str(refusal.retry_after)}
        except KhalsiError as refusal:
            _show(form, refusal)
    page = render_to_string(template, {"form": form, **context}, request)
    return HttpResponse(page, status=status, headers=headers)


def sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _show(form: Form, refusal: KhalsiError) -> None:
    named = [one for one in refusal.details if one.field in form.fields]
    if not named:
        form.add_error(None, refusal.details[0].message if refusal.details else refusal.message)
    for one in named:
        form.add_error(one.field, one.message)
