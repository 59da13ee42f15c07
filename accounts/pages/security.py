"""Changing the own password and address. Both ask for the password again, and end the other sessions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import ChangeEmailForm, ChangePasswordForm
from accounts.pages.signed_in import counted_owner, own_session_id, signed_in
from accounts.services.addresses import ask_new_address
from accounts.services.api_keys import api_keys_of
from accounts.services.attempts import count_mail_asked
from accounts.services.passwords import change_password
from core.api.client_address import client_address
from core.lib.clock import wall_now


@sensitive_post_parameters("current_password", "password")
@never_cache
@csrf_protect
@login_required
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Beside it stand the API keys that would live on, unless they are to go, too."""

    def change(said: dict[str, Any]) -> HttpResponse:
        user = change_password(**counted_owner(request), **said, keep=own_session_id(request))
        update_session_auth_hash(request, user)
        messages.success(request, "Your password is changed. You are signed out everywhere else.")
        return redirect("account-password")

    keys = list(api_keys_of(signed_in(request).id, wall_now()))
    form = ChangePasswordForm(sent(request), keys=len(keys))
    return form_page(request, form, "accounts/password.html", change, heading="Password", keys=keys)


@sensitive_post_parameters("password")
@never_cache
@csrf_protect
@login_required
@require_http_methods(["GET", "POST"])
def email(request: HttpRequest) -> HttpResponse:
    def change(said: dict[str, Any]) -> HttpResponse:
        owner = counted_owner(request)
        may = count_mail_asked(email=said["email"], address=client_address(request))
        ask_new_address(**owner, **said, may_mail=may)
        messages.info(request, "Follow the link in our mail to the new address. Until then nothing changes.")
        return redirect("account-email")

    form = ChangeEmailForm(sent(request))
    return form_page(request, form, "accounts/email.html", change, heading="E-mail address")
