"""The own second factor: off, waiting for its first code, or on. Each state has one form."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import CodeForm, DisableSecondFactorForm, PasswordForm
from accounts.pages.signed_in import own_session_id, signed_in
from accounts.services import second_factor as service
from accounts.services.attempts import count_password_asked
from accounts.services.audit import origin_of
from core.lib.clock import wall_now

_HEADING = "Second factor"


@sensitive_post_parameters("password", "code")
@never_cache
@csrf_protect
@login_required
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if user.second_factor_since:
        return _on(request)
    enrolment = service.begun(user, wall_now()) if "again" not in request.GET else None
    return _waiting(request, enrolment) if enrolment else _off(request)


def _off(request: HttpRequest) -> HttpResponse:
    def begin(said: dict[str, Any]) -> HttpResponse:
        count_password_asked(user_id=signed_in(request).id)
        service.begin(user_id=signed_in(request).id, **said, now=wall_now(), origin=origin_of(request))
        return redirect("account-second-factor")

    form = PasswordForm(sent(request))
    return form_page(request, form, "accounts/second_factor_off.html", begin, heading=_HEADING)


@sensitive_variables("enrolment", "groups", "context")
def _waiting(request: HttpRequest, enrolment: service.Enrolment) -> HttpResponse:
    def confirm(said: dict[str, Any]) -> HttpResponse:
        count_password_asked(user_id=signed_in(request).id)
        codes = service.confirm(
            user_id=signed_in(request).id,
            **said,
            now=wall_now(),
            keep=own_session_id(request),
            origin=origin_of(request),
        )
        return render(request, "accounts/recovery_codes.html", {"heading": "Recovery codes", "codes": codes})

    groups = [enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4)]
    context = {"heading": _HEADING, "enrolment": enrolment, "groups": groups}
    form = CodeForm(sent(request))
    return form_page(request, form, "accounts/second_factor_waiting.html", confirm, **context)


def _on(request: HttpRequest) -> HttpResponse:
    def disable(said: dict[str, Any]) -> HttpResponse:
        count_password_asked(user_id=signed_in(request).id)
        service.disable(
            user_id=signed_in(request).id,
            **said,
            now=wall_now(),
            keep=own_session_id(request),
            origin=origin_of(request),
        )
        messages.success(request, "Your second factor is off.")
        return redirect("account-second-factor")

    left = service.recovery_codes_left(signed_in(request))
    context = {"heading": _HEADING, "codes_left": left}
    form = DisableSecondFactorForm(sent(request))
    return form_page(request, form, "accounts/second_factor_on.html", disable, **context)
