"""The page on which users take their data along, or leave."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import PasswordAndCodeForm, PasswordForm
from accounts.pages.signed_in import counted_owner, owner, signed_in
from accounts.services.attempts import count_export
from accounts.services.deletion import delete_own_account, note_export
from core.api.streaming import streamed
from core.lib.errors import TooMany
from khalsi.personal_data import FILENAME, everything_about


@sensitive_post_parameters("password", "code")
@never_cache
@csrf_protect
@login_required
@require_http_methods(["GET", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)

    def delete(said: dict[str, Any]) -> HttpResponse:
        delete_own_account(**counted_owner(request), **said)
        logout(request)
        messages.success(request, "Your account is deleted. Goodbye.")
        return redirect("home")

    form = (PasswordAndCodeForm if user.second_factor_since else PasswordForm)(sent(request))
    return form_page(request, form, "khalsi/personal_data.html", delete, heading="Your data")


@never_cache
@csrf_protect
@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    user = signed_in(request)
    try:
        count_export(user_id=user.id)
    except TooMany as refusal:
        messages.error(request, refusal.message)
        return redirect("account-data")
    note_export(**owner(request))
    return streamed(everything_about(user.id), FILENAME)
