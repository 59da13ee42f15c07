"""Mail that this machine kept instead of sending it: for developers, and for nobody else."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from core.net.outbox import kept_messages


@never_cache
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    return render(request, "accounts/outbox.html", {"messages_kept": kept_messages()})
