"""Signing up, in and out on the site."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import SignInForm, SignUpForm
from accounts.services.attempts import count_registration
from accounts.services.audit import origin_of
from accounts.services.login import recognise
from accounts.services.registration import register
from core.api.client_address import client_address
from core.lib.clock import wall_now


@sensitive_post_parameters("password")
@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    return _enter(request, SignInForm(sent(request)), "accounts/sign_in.html")


@sensitive_post_parameters("password")
@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    return _enter(request, SignUpForm(sent(request)), "accounts/sign_up.html")


@never_cache
@csrf_protect
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _enter(request: HttpRequest, form: SignInForm | SignUpForm, template: str) -> HttpResponse:
    """Shows the form until it names somebody; then that is who the browser belongs to."""

    def enter(said: dict[str, Any]) -> HttpResponse:
        user = _somebody(request, form)
        if request.user.is_authenticated:
            logout(request)
        login(request, user)
        return redirect(_after(request) or resolve_url(settings.LOGIN_REDIRECT_URL))

    return form_page(request, form, template, enter, next=_after(request))


def _somebody(request: HttpRequest, form: SignInForm | SignUpForm) -> User:
    said = form.cleaned_data
    if isinstance(form, SignUpForm):
        count_registration(address=client_address(request))
        return register(**said, now=wall_now(), origin=origin_of(request))
    return recognise(**said, now=wall_now(), origin=origin_of(request))


def _after(request: HttpRequest) -> str:
    """Where the visitor was going, if that is on this site; never another one that dresses as it."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""
