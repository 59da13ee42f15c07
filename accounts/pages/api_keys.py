"""The own API keys: listed, made and revoked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import ApiKeyForm
from accounts.pages.signed_in import signed_in
from accounts.services.api_keys import api_keys_of, make_api_key, revoke_api_key
from accounts.services.audit import origin_of
from core.lib.clock import wall_now
from core.lib.errors import NotFound


@never_cache
@csrf_protect
@login_required
@require_http_methods(["GET", "POST"])
def api_keys(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)

    @sensitive_variables("key")
    def make(said: dict[str, Any]) -> HttpResponse:
        now, days = wall_now(), int(said["days"])
        row, key = make_api_key(
            user_id=user.id,
            name=said["name"],
            scopes=said["scopes"],
            now=now,
            expires_at=now + timedelta(days=days) if days else None,
            origin=origin_of(request),
        )
        return render(request, "accounts/api_key_made.html", {"heading": "API keys", "made": row, "key": key})

    keys = api_keys_of(user.id, wall_now())
    form = ApiKeyForm(sent(request))
    return form_page(request, form, "accounts/api_keys.html", make, heading="API keys", keys=keys)


@never_cache
@csrf_protect
@login_required
@require_POST
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    try:
        revoke_api_key(
            user_id=signed_in(request).id, key_id=key_id, now=wall_now(), origin=origin_of(request)
        )
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    messages.success(request, "The key is revoked.")
    return redirect("account-api-keys")
