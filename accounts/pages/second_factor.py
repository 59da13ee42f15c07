"""The own second factor: off, waiting for its first code, or on. Each state has one form."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import CodeForm, PasswordAndCodeForm, PasswordForm
from accounts.pages.signed_in import confirmed_required, counted_owner, own_session_id, signed_in
from accounts.services import second_factor as service
from core.drawing.qr_code import qr_code
from core.lib.clock import wall_now

_HEADING, _CODES = "Second factor", "Recovery codes"


@sensitive_post_parameters("password", "code")
@never_cache
@csrf_protect
@confirmed_required
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if user.second_factor_since:
        return _on(request)
    enrolment = service.begun(user, wall_now()) if "again" not in request.GET else None
    return _waiting(request, enrolment) if enrolment else _off(request)


@sensitive_post_parameters("password", "code")
@never_cache
@csrf_protect
@confirmed_required
@require_http_methods(["GET", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Fresh ones, for who used or lost the first."""
    if not signed_in(request).second_factor_since:
        return redirect("account-second-factor")

    def renew(said: dict[str, Any]) -> HttpResponse:
        owner, keep = counted_owner(request), own_session_id(request)
        return _show_once(request, service.renew_recovery_codes(**owner, **said, keep=keep))

    left = service.recovery_codes_left(signed_in(request))
    form = PasswordAndCodeForm(sent(request))
    template = "accounts/recovery_codes_renew.html"
    return form_page(request, form, template, renew, heading=_CODES, codes_left=left)


def _off(request: HttpRequest) -> HttpResponse:
    def begin(said: dict[str, Any]) -> HttpResponse:
        service.begin(**counted_owner(request), **said)
        return redirect("account-second-factor")

    form = PasswordForm(sent(request))
    return form_page(request, form, "accounts/second_factor_off.html", begin, heading=_HEADING)


@sensitive_variables("enrolment", "groups", "drawn", "context")
def _waiting(request: HttpRequest, enrolment: service.Enrolment) -> HttpResponse:
    def confirm(said: dict[str, Any]) -> HttpResponse:
        owner, keep = counted_owner(request), own_session_id(request)
        return _show_once(request, service.confirm(**owner, **said, keep=keep))

    groups = [enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4)]
    drawn = mark_safe(qr_code(enrolment.otpauth_uri, title="QR code for your app"))  # noqa: S308  escaped there
    context = {"heading": _HEADING, "enrolment": enrolment, "groups": groups, "drawn": drawn}
    form = CodeForm(sent(request))
    return form_page(request, form, "accounts/second_factor_waiting.html", confirm, **context)


def _on(request: HttpRequest) -> HttpResponse:
    def disable(said: dict[str, Any]) -> HttpResponse:
        service.disable(**counted_owner(request), **said, keep=own_session_id(request))
        messages.success(request, "Your second factor is off.")
        return redirect("account-second-factor")

    context = {"heading": _HEADING, "codes_left": service.recovery_codes_left(signed_in(request))}
    form = PasswordAndCodeForm(sent(request))
    return form_page(request, form, "accounts/second_factor_on.html", disable, **context)


@sensitive_variables("codes")
def _show_once(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "accounts/recovery_codes.html", {"heading": _CODES, "codes": codes})
