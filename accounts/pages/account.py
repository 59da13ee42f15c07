"""The own account: what happened to it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages.signed_in import signed_in
from accounts.selectors.audit import audit_of
from core.api.pagination import cursor_page
from core.lib.errors import BadInput


@never_cache
@require_GET
@login_required
def activity(request: HttpRequest) -> HttpResponse:
    try:
        page = cursor_page(audit_of(signed_in(request).id), request, order=("-id",))
    except BadInput as refusal:
        raise BadRequest(refusal.message) from refusal
    return render(request, "accounts/activity.html", {"heading": "Account activity", "page": page})
