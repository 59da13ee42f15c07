"""Accounts at exchanges: listed with how each is, connected, tried, read now, given new keys, disconnected."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.pages.form_page import form_page, sent
from accounts.pages.signed_in import signed_in
from accounts.services.audit import origin_of
from core.lib.clock import wall_now
from core.lib.errors import KhalsiError, NotFound
from portfolios.exchanges.base import Profile
from portfolios.exchanges.profiles import PROFILES
from portfolios.models import Connection
from portfolios.pages.exchange_forms import KeysForm
from portfolios.pages.frame import own_page
from portfolios.selectors.connections import (
    balance_differences,
    connection_of,
    connection_shown,
    connections_of,
    connections_shown,
    is_at_work,
    kind_read,
    runs_of,
)
from portfolios.selectors.portfolios import portfolios_of
from portfolios.services.connecting import asking, examining, joining, leaving
from portfolios.services.portfolios import first_portfolio

State = Connection.State


@own_page
@require_GET
def exchanges(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), wall_now()
    own = list(connections_of(user.id))
    most = joining.MOST_CONNECTIONS[User.Plan(user.plan)]
    context = {
        "connections": zip(own, connections_shown(user.id, own, now), strict=True),
        "count": len(own),
        "working": sum(one.state == State.ACTIVE for one in own),
        "most": most,
        "is_full": len(own) >= most,
        "profiles": PROFILES.values(),
        "now": now,
    }
    return render(request, "exchanges/exchanges.html", context)


@own_page
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, exchange: str) -> HttpResponse:
    """The dialogue for one exchange. `do=test` asks the exchange and keeps nothing."""
    profile, user = _profile(exchange), signed_in(request)
    form = KeysForm(profile, sent(request), list(portfolios_of(user.id)))

    @sensitive_variables()
    def add(said: dict[str, Any]) -> HttpResponse:
        now, keys = wall_now(), form.credentials()
        found = examining.examine(owner_id=user.id, exchange=exchange, credentials=keys)
        place = said.get("portfolio") or first_portfolio(owner_id=user.id, now=now).id
        connection = joining.connect(
            owner_id=user.id,
            portfolio_id=UUID(str(place)),
            name=said["name"],
            credentials=keys,
            examined=found,
            confirmed=said["confirm_read_only"],
            dollar_coins=said["dollar_coins"],
            now=now,
            origin=origin_of(request),
        )
        messages.success(request, f"{connection.name} is connected, and its history is being read.")
        return redirect("exchange", connection.id)

    return _keys_page(request, profile, form, add)


@own_page
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """New keys for a connection, instead of its present ones."""
    own = _own(request, connection_id)
    form = KeysForm(_profile(own.exchange), sent(request))

    @sensitive_variables()
    def replace(said: dict[str, Any]) -> HttpResponse:
        given = form.credentials()
        found = examining.examine(owner_id=own.owner_id, exchange=own.exchange, credentials=given)
        joining.replace_keys(
            owner_id=own.owner_id,
            connection_id=own.id,
            credentials=given,
            examined=found,
            confirmed=said["confirm_read_only"],
            now=wall_now(),
            origin=origin_of(request),
        )
        messages.success(request, f"{own.name} has new keys, and is being read.")
        return redirect("exchange", own.id)

    return _keys_page(request, _profile(own.exchange), form, replace, connection=own)


@own_page
@require_GET
def exchange(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """While it is being read the page asks how far that is alone, and loads itself anew at the end."""
    own, now = _own(request, connection_id), wall_now()
    at_work, is_asked_again = is_at_work(own, now), bool(getattr(request, "htmx", False))
    if is_asked_again and not at_work:
        return HttpResponse(headers={"HX-Refresh": "true"})
    differences = balance_differences(own.owner_id, own.id)
    context = {
        "at_work": at_work,
        "kind_read": kind_read(own.cursors.all()),
        "booked": own.rows.count(),
        "connection": own,
        "shown": connection_shown(own, now, len(differences)),
        "differences": differences,
        "cursors": own.cursors.order_by("kind"),
        "runs": runs_of(own),
        "profile": PROFILES[own.exchange],
        "now": now,
    }
    template = "exchanges/_reading.html" if is_asked_again else "exchanges/exchange.html"
    answer = render(request, template, context)
    answer["Vary"] = "HX-Request"
    return answer


@own_page
@require_POST
def sync_all(request: HttpRequest) -> HttpResponse:
    runs = asking.ask_for_all(owner_id=signed_in(request).id, now=wall_now())
    messages.success(request, f"{len(runs)} being read. Look again in a moment.")
    return redirect("exchanges")


@own_page
@require_POST
def act(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """What the buttons of a connection do; `do` says which."""
    own = _own(request, connection_id)
    try:
        if request.POST.get("do") == "sync":
            asking.ask_for_sync(owner_id=own.owner_id, connection_id=own.id, now=wall_now())
            messages.success(request, f"{own.name} is being read. Look again in a moment.")
        elif request.POST.get("do") == "disconnect":
            return _disconnect(request, own)
        else:
            raise Http404("There is no such button.")
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    except KhalsiError as refusal:
        messages.error(request, refusal.message)
    return redirect("exchange", connection_id)


def _disconnect(request: HttpRequest, own: Connection) -> HttpResponse:
    """Only where it was confirmed: nothing brings the keys back."""
    if request.POST.get("sure") != "yes":
        messages.error(request, "Tick that you are sure; nothing was changed.")
        return redirect("exchange", own.id)
    gone = leaving.disconnect(
        owner_id=own.owner_id,
        connection_id=own.id,
        with_rows=request.POST.get("rows") == "delete",
        now=wall_now(),
        origin=origin_of(request),
    )
    more = f" {gone} transactions went with it." if gone else ""
    messages.success(request, f"{own.name} is disconnected, and its keys are gone.{more}")
    return redirect("exchanges")


@sensitive_variables()
def _keys_page(
    request: HttpRequest, profile: Profile, form: KeysForm, act: Any, connection: Connection | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"profile": profile, "connection": connection, "tested": None}
    if request.POST.get("do") != "test":
        return form_page(request, form, "exchanges/keys.html", act, **context)
    template = "exchanges/_tested.html" if getattr(request, "htmx", False) else "exchanges/keys.html"

    def try_out(said: dict[str, Any]) -> HttpResponse:
        found = examining.examine(
            owner_id=signed_in(request).id,
            exchange=profile.name,
            credentials=form.credentials(),
            with_assets=True,
        )
        return render(request, template, {**context, "form": form, "tested": found})

    return form_page(request, form, template, try_out, **context)


def _profile(exchange: str) -> Profile:
    if exchange not in PROFILES:
        raise Http404("There is no such exchange.")
    return PROFILES[exchange]


def _own(request: HttpRequest, connection_id: UUID) -> Connection:
    try:
        return connection_of(signed_in(request).id, connection_id)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
