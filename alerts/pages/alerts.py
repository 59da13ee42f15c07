"""The own alerts: listed, made, changed, tried, paused, snoozed and deleted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages.form_page import sent
from accounts.pages.signed_in import confirmed_required, signed_in
from alerts.models import Alert
from alerts.pages.choosing import Chosen, chosen
from alerts.pages.forms import AlertForm
from alerts.pages.trying import Tried, tried
from alerts.selectors.alerts import alert_of, alerts_of, events_of
from alerts.selectors.channels import channels_of
from alerts.selectors.shown import alert_sentence
from alerts.services.alerts import (
    MOST_ALERTS,
    Wanted,
    change_alert,
    create_alert,
    delete_alert,
    new_alert,
)
from alerts.services.trying import try_alert
from core.lib.clock import market_now, wall_now
from core.lib.errors import KhalsiError, NotFound
from markets.selectors.latest import latest_quotes
from portfolios.selectors.valuing import valuation

EVENTS_SHOWN = 10
View = Callable[..., HttpResponse]


def _own_page(view: View) -> View:
    return never_cache(csrf_protect(confirmed_required(view)))


@_own_page
@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    rows = [{"alert": alert, "sentence": alert_sentence(alert)} for alert in alerts_of(user.id)]
    most = MOST_ALERTS[user.Plan(user.plan)]
    context = {"rows": rows, "most": most, "is_full": len(rows) >= most, "now": market_now()}
    return render(request, "alerts/alerts.html", context)


@_own_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Saves, or with `do=try` plays the form over the past."""
    asked = chosen(request)
    form = AlertForm(asked.kind, sent(request), channels=channels_of(signed_in(request).id))
    if asked.refusal or not form.is_bound:
        return _new_page(request, asked, form)
    try:
        if not form.is_valid():
            return _new_page(request, asked, form)
        now, owner = market_now(), signed_in(request)
        wanted = Wanted(
            token=asked.token,
            portfolio=asked.portfolio,
            kind=asked.kind,
            params=form.params(),
            **form.rhythm(now),
        )
        if request.POST.get("do") == "try":
            alert = new_alert(owner, wanted, now=now, wall=wall_now())
            return _new_page(request, asked, form, tried(alert, now))
        create_alert(owner_id=owner.id, wanted=wanted, now=now, wall=wall_now())
    except KhalsiError as refusal:
        form.refuse(refusal)
        return _new_page(request, asked, form)
    messages.success(request, "The alert is set.")
    return redirect("alerts")


@_own_page
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    alert = _own(request, alert_id)
    form = AlertForm(alert.kind, sent(request), alert, channels_of(alert.owner_id))
    try:
        if not form.is_bound or not form.is_valid():
            return _edit_page(request, alert, form)
        now, owner = market_now(), signed_in(request)
        changes = {"params": form.params(), **form.rhythm(now)}
        if request.POST.get("do") == "try":
            words = {"expires_at": None, **changes}
            wanted = Wanted(token=alert.token, portfolio=alert.portfolio, kind=alert.kind, **words)
            again = new_alert(owner, wanted, now=now, wall=wall_now())
            return _edit_page(request, alert, form, tried(again, now))
        change_alert(owner_id=owner.id, alert_id=alert_id, changes=changes, now=now, wall=wall_now())
    except KhalsiError as refusal:
        form.refuse(refusal)
        return _edit_page(request, _own(request, alert_id), form)
    messages.success(request, "The alert is changed.")
    return redirect("alerts")


@_own_page
@require_POST
def act(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """What the buttons of a row do; `do` says which."""
    do = _ACTIONS.get(request.POST.get("do", ""))
    if do is None:
        raise Http404("There is no such button.")
    try:
        messages.success(request, do(signed_in(request).id, alert_id))
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    except KhalsiError as refusal:
        messages.error(request, refusal.message)
    return redirect("alerts")


def _pause(owner_id: UUID, alert_id: UUID) -> str:
    _change(owner_id, alert_id, {"state": Alert.State.PAUSED})
    return "The alert is paused."


def _resume(owner_id: UUID, alert_id: UUID) -> str:
    over = alert_of(owner_id, alert_id).state == Alert.State.EXPIRED
    _change(owner_id, alert_id, {"state": Alert.State.ACTIVE, **({"expires_at": None} if over else {})})
    return "The alert waits again."


def _snooze(owner_id: UUID, alert_id: UUID) -> str:
    _change(owner_id, alert_id, {"snoozed_until": market_now() + timedelta(hours=1)})
    return "The alert is silent for an hour."


def _try(owner_id: UUID, alert_id: UUID) -> str:
    try_alert(owner_id=owner_id, alert_id=alert_id, now=market_now(), wall=wall_now())
    return "A test is in your inbox, and on its way to wherever the alert goes."


def _delete(owner_id: UUID, alert_id: UUID) -> str:
    delete_alert(owner_id=owner_id, alert_id=alert_id)
    return "The alert is deleted. Its events stay in the inbox."


def _change(owner_id: UUID, alert_id: UUID, changes: dict[str, Any]) -> None:
    change_alert(owner_id=owner_id, alert_id=alert_id, changes=changes, now=market_now(), wall=wall_now())


_ACTIONS = {"pause": _pause, "resume": _resume, "snooze": _snooze, "try": _try, "delete": _delete}


def _own(request: HttpRequest, alert_id: UUID) -> Alert:
    try:
        return alert_of(signed_in(request).id, alert_id)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal


def _new_page(
    request: HttpRequest, asked: Chosen, form: AlertForm, found: Tried | None = None
) -> HttpResponse:
    quote = latest_quotes([asked.token.pk]).get(asked.token.pk) if asked.token else None
    now = market_now()
    worth = valuation(asked.portfolio, now) if asked.portfolio else None
    context = {"asked": asked, "form": form, "tried": found, "quote": quote, "worth": worth, "now": now}
    return _page(request, "alerts/new.html", context)


def _edit_page(
    request: HttpRequest, alert: Alert, form: AlertForm, found: Tried | None = None
) -> HttpResponse:
    events = events_of(alert.owner_id).filter(alert=alert).order_by("-created_at")[:EVENTS_SHOWN]
    context = {
        "alert": alert,
        "form": form,
        "tried": found,
        "events": events,
        "sentence": alert_sentence(alert),
        "now": market_now(),
    }
    return _page(request, "alerts/edit.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Where the form asks while it is being filled in, only what it would have done comes back."""
    is_trial = getattr(request, "htmx", False) and request.POST.get("do") == "try"
    return render(request, "alerts/_tried.html" if is_trial else template, context)
