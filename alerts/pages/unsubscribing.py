"""The page behind the link at the end of a mail: a button, since programs that open every link must not press it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.services.audit import origin_of
from alerts.services import unsubscribing as service
from core.lib.clock import wall_now
from core.lib.errors import NotFound


@never_cache
@csrf_exempt  # a mail program has no cookie; the link itself is what it must know
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("token", "")
    try:
        if request.method == "POST":
            channel = service.unsubscribe(token, wall_now(), origin_of(request))
        else:
            channel = service.channel_of_link(token)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    is_off = channel.state != channel.State.ACTIVE
    return render(request, "alerts/unsubscribe.html", {"channel": channel, "is_off": is_off})
