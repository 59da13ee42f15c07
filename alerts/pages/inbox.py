"""The inbox: what happened and what the owner should know, newest first."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_POST

from accounts.pages.signed_in import confirmed_required, signed_in
from alerts.selectors.inbox import inbox_of, unread_count
from alerts.services.inbox import mark_all_read, mark_read
from core.api.pagination import cursor_page
from core.lib.clock import iso, wall_now
from core.lib.errors import KhalsiError, NotFound


@never_cache
@csrf_protect
@confirmed_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    now = wall_now()
    try:
        page = cursor_page(inbox_of(signed_in(request).id), request, order=("-created_at", "-id"))
    except KhalsiError as refusal:
        raise Http404(refusal.message) from refusal
    return render(request, "alerts/inbox.html", {"page": page, "now": now, "shown_at": iso(now)})


@never_cache
@confirmed_required
@require_GET
def unread(request: HttpRequest) -> HttpResponse:
    """For the header of a page that was open while its connection was away."""
    return JsonResponse({"unread": unread_count(signed_in(request).id)})


@never_cache
@csrf_protect
@confirmed_required
@require_POST
def read(request: HttpRequest, item_id: int) -> HttpResponse:
    try:
        mark_read(owner_id=signed_in(request).id, item_id=item_id, now=wall_now())
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    return redirect("inbox")


@never_cache
@csrf_protect
@confirmed_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    now = wall_now()
    count = mark_all_read(owner_id=signed_in(request).id, until=_shown_at(request, now), now=now)
    messages.success(request, f"{count} marked as read.")
    return redirect("inbox")


def _shown_at(request: HttpRequest, now: datetime) -> datetime:
    """When the page was made on which somebody pressed the button."""
    try:
        moment = datetime.fromisoformat(request.POST.get("shown_at", ""))
    except ValueError:
        return now
    return moment if moment.tzinfo else now
