"""The own API keys: listed, made and revoked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import ApiKeyForm
from accounts.pages.signed_in import confirmed_required, owner, signed_in
from accounts.services.api_keys import api_keys_of, make_api_key, revoke_api_key
from core.lib.clock import wall_now
from core.lib.errors import NotFound


@never_cache
@csrf_protect
@confirmed_required
@require_http_methods(["GET", "POST"])
def api_keys(request: HttpRequest) -> HttpResponse:
    @sensitive_variables("key")
    def make(said: dict[str, Any]) -> HttpResponse:
        days = int(said.pop("days"))
        expires_at = wall_now() + timedelta(days=days) if days else None
        row, key = make_api_key(**owner(request), **said, expires_at=expires_at)
        return render(request, "accounts/api_key_made.html", {"heading": "API keys", "made": row, "key": key})

    keys = api_keys_of(signed_in(request).id, wall_now())
    form = ApiKeyForm(sent(request))
    return form_page(request, form, "accounts/api_keys.html", make, heading="API keys", keys=keys)


@never_cache
@csrf_protect
@confirmed_required
@require_POST
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    try:
        revoke_api_key(**owner(request), key_id=key_id)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    messages.success(request, "The key is revoked.")
    return redirect("account-api-keys")
