"""The own notification channels: listed, added, confirmed, tried out, given a new secret, removed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.pages.form_page import form_page, sent
from accounts.pages.signed_in import confirmed_required, signed_in
from accounts.services.audit import origin_of
from alerts.channels import offered
from alerts.models import NotificationChannel
from alerts.pages.channel_forms import ChannelForm, CodeForm
from alerts.selectors.channels import channel_of, channels_of
from alerts.services import channels as service
from alerts.services.learning import deep_link
from core.lib.clock import wall_now
from core.lib.errors import KhalsiError, NotFound

View = Callable[..., HttpResponse]
State = NotificationChannel.State


def _own_page(view: View) -> View:
    return never_cache(csrf_protect(confirmed_required(view)))


@_own_page
@require_GET
def channels(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    own = list(channels_of(user.id))
    most = service.MOST_CHANNELS[User.Plan(user.plan)]
    context = {"channels": own, "most": most, "is_full": len(own) >= most, "kinds": offered().values()}
    return render(request, "alerts/channels.html", {**context, "now": wall_now()})


@_own_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """What to do there first, and the form. A webhook's secret is shown this once."""
    client = offered().get(kind)
    if client is None:
        raise Http404("There is no such kind of channel.")
    user = signed_in(request)

    @sensitive_variables("added")
    def add(said: dict[str, Any]) -> HttpResponse:
        added = service.add_channel(
            owner_id=user.id, kind=kind, **said, now=wall_now(), origin=origin_of(request)
        )
        if added.secret:
            return render(
                request, "alerts/channel_secret.html", {"channel": added.channel, "secret": added.secret}
            )
        messages.success(request, _WORDS_ADDED[State(added.channel.state)])
        return redirect("alert-channel", added.channel.id)

    form = ChannelForm(kind, user.email, sent(request))
    return form_page(request, form, "alerts/channel_new.html", add, client=client)


@_own_page
@require_GET
def channel(request: HttpRequest, channel_id: UUID) -> HttpResponse:
    return _page(request, _own(request, channel_id), CodeForm())


@_own_page
@require_POST
def act(request: HttpRequest, channel_id: UUID) -> HttpResponse:
    """What the buttons of a channel's page do; `do` says which."""
    do = _ACTIONS.get(request.POST.get("do", ""))
    if do is None:
        raise Http404("There is no such button.")
    own = _own(request, channel_id)
    try:
        return do(request, own)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    except KhalsiError as refusal:
        messages.error(request, refusal.details[0].message if refusal.details else refusal.message)
    return redirect("alert-channel", channel_id)


def _verify(request: HttpRequest, own: NotificationChannel) -> HttpResponse:
    code = request.POST.get("code", "").strip()[:32]
    if own.kind == NotificationChannel.Kind.TELEGRAM:
        code = code or "-"  # the bot is asked; what the form holds says nothing
    if not code:
        messages.error(request, "Write the code that came.")
        return redirect("alert-channel", own.id)
    now, said_by = wall_now(), origin_of(request)
    own = service.verify(owner_id=own.owner_id, channel_id=own.id, code=code, now=now, origin=said_by)
    is_on = own.state == State.ACTIVE
    words = (
        "Confirmed. Your alerts can go there now."
        if is_on
        else "The bot is being asked; look again in a moment."
    )
    messages.success(request, words)
    return redirect("alert-channel", own.id)


def _new_code(request: HttpRequest, own: NotificationChannel) -> HttpResponse:
    service.send_code(owner_id=own.owner_id, channel_id=own.id, now=wall_now())
    is_bots = own.kind == NotificationChannel.Kind.TELEGRAM
    messages.success(request, "Here is a new code." if is_bots else "A new code is on its way.")
    return redirect("alert-channel", own.id)


def _test(request: HttpRequest, own: NotificationChannel) -> HttpResponse:
    service.send_test(owner_id=own.owner_id, channel_id=own.id, now=wall_now())
    messages.success(request, "A test is on its way. The log below says what became of it.")
    return redirect("alert-deliveries")


@sensitive_variables("added")
def _secret(request: HttpRequest, own: NotificationChannel) -> HttpResponse:
    added = service.rotate_secret(
        owner_id=own.owner_id, channel_id=own.id, now=wall_now(), origin=origin_of(request)
    )
    return render(request, "alerts/channel_secret.html", {"channel": added.channel, "secret": added.secret})


def _remove(request: HttpRequest, own: NotificationChannel) -> HttpResponse:
    service.remove_channel(
        owner_id=own.owner_id, channel_id=own.id, now=wall_now(), origin=origin_of(request)
    )
    messages.success(request, f"{own.name} is removed.")
    return redirect("alert-channels")


_ACTIONS = {"verify": _verify, "code": _new_code, "test": _test, "secret": _secret, "remove": _remove}
_WORDS_ADDED = {
    State.ACTIVE: "The channel is added, and counts at once: this address is confirmed already.",
    State.WAITING: "The channel is added. Confirm it, and it counts.",
}


def _own(request: HttpRequest, channel_id: UUID) -> NotificationChannel:
    try:
        return channel_of(signed_in(request).id, channel_id)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal


@sensitive_variables("code")
def _page(request: HttpRequest, own: NotificationChannel, form: CodeForm) -> HttpResponse:
    code = service.code_for_bot(own, wall_now())
    context = {"channel": own, "form": form, "code": code, "link": deep_link(code) if code else ""}
    context["is_asked"] = bool(own.sealed_code and own.code_until and own.code_until > wall_now())
    context["is_old_secret"] = own.old_secret_until is not None and own.old_secret_until > wall_now()
    return render(request, "alerts/channel.html", {**context, "now": wall_now()})
