"""The log of what channels were told: every attempt, and what was given up, to be sent again."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_POST

from accounts.pages.signed_in import confirmed_required, signed_in
from alerts.models import Delivery
from alerts.selectors.deliveries import deliveries_of
from alerts.services.replaying import replay
from core.api.pagination import cursor_page
from core.lib.clock import wall_now
from core.lib.errors import KhalsiError, NotFound


@never_cache
@csrf_protect
@confirmed_required
@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """All of them, or with `?state=dead` those that were given up."""
    own = deliveries_of(signed_in(request).id)
    only_dead = request.GET.get("state") == Delivery.State.DEAD
    try:
        page = cursor_page(
            own.filter(state=Delivery.State.DEAD) if only_dead else own, request, order=("-created_at", "-id")
        )
    except KhalsiError as refusal:
        raise Http404(refusal.message) from refusal
    dead = own.filter(state=Delivery.State.DEAD).count()
    return render(
        request,
        "alerts/deliveries.html",
        {"page": page, "dead": dead, "only_dead": only_dead, "now": wall_now()},
    )


@never_cache
@csrf_protect
@confirmed_required
@require_POST
def send_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    try:
        replay(owner_id=signed_in(request).id, delivery_id=delivery_id, now=wall_now())
        messages.success(request, "It is on its way again.")
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    except KhalsiError as refusal:
        messages.error(request, refusal.message)
    return redirect("alert-deliveries")
