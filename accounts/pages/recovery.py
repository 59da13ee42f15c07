"""Confirming an address, and a password that was forgotten. Nothing here tells who has an account."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import EmailForm, NewPasswordForm, TokenForm
from accounts.services.addresses import ask_verification, confirm_address
from accounts.services.attempts import count_mail_asked, count_token_tried
from accounts.services.audit import origin_of
from accounts.services.passwords import ask_reset, reset_password
from core.api.client_address import client_address
from core.lib.clock import wall_now

_PERHAPS = "If this address has an account that needs it, mail is on its way. Look into your inbox."


@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def verify_email(request: HttpRequest) -> HttpResponse:
    """A link shows a button: programs that open every link of a mail must not use it up."""

    def confirm(said: dict[str, Any]) -> HttpResponse:
        count_token_tried(address=client_address(request))
        confirm_address(token=said["token"], now=wall_now(), origin=origin_of(request))
        messages.success(request, "Your address is confirmed.")
        return redirect("home" if request.user.is_authenticated else "sign-in")

    form = TokenForm(sent(request), initial={"token": request.GET.get("token", "")})
    return form_page(request, form, "accounts/verify_email.html", confirm)


@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def resend_verification(request: HttpRequest) -> HttpResponse:
    def resend(said: dict[str, Any]) -> HttpResponse:
        ask_verification(email=_address_to_mail(request, said["email"]), now=wall_now())
        return _perhaps(request)

    return form_page(request, EmailForm(sent(request)), "accounts/resend_verification.html", resend)


@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def forgot_password(request: HttpRequest) -> HttpResponse:
    def ask(said: dict[str, Any]) -> HttpResponse:
        ask_reset(email=_address_to_mail(request, said["email"]), now=wall_now())
        return _perhaps(request)

    return form_page(request, EmailForm(sent(request)), "accounts/forgot_password.html", ask)


@sensitive_post_parameters("password", "token")
@never_cache
@csrf_protect
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    def choose(said: dict[str, Any]) -> HttpResponse:
        count_token_tried(address=client_address(request))
        reset_password(**said, now=wall_now(), origin=origin_of(request))
        messages.success(request, "Your password is changed. Sign in with the new one.")
        return redirect("sign-in")

    form = NewPasswordForm(sent(request), initial={"token": request.GET.get("token", "")})
    return form_page(request, form, "accounts/reset_password.html", choose)


def _address_to_mail(request: HttpRequest, email: str) -> str:
    """Nobody's where this mailbox had enough for now: the work that follows stays the same."""
    return email if count_mail_asked(email=email, address=client_address(request)) else ""


def _perhaps(request: HttpRequest) -> HttpResponse:
    messages.info(request, _PERHAPS)
    return redirect("sign-in")
