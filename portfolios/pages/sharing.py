"""Share links: made and taken back by the owner; and the page that whoever has one sees, without an account."""

import time
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.services.audit import origin_of
from core.api.client_address import client_address
from core.api.throttling import limiter
from core.lib.clock import market_now, wall_now
from core.lib.errors import KhalsiError, NotFound
from portfolios.pages.forms import one_line
from portfolios.pages.frame import own_page, own_portfolio
from portfolios.selectors.sharing import link_by, links_of, shared
from portfolios.services.sharing import LEAST_DAYS, MOST_DAYS, digest_of, end_link, make_link

LOOKS_A_MINUTE, MINUTE = 30, 60


class LinkForm(forms.Form):
    days = forms.IntegerField(label="For so many days", min_value=LEAST_DAYS, max_value=MOST_DAYS, initial=7)
    note = forms.CharField(required=False, max_length=60, help_text="For yourself, such as for whom it is.")

    def clean_note(self) -> str:
        return one_line(self.cleaned_data["note"])


@own_page
@require_http_methods(["GET", "POST"])
def share_links(request: HttpRequest, portfolio_id: UUID) -> HttpResponse:
    """Making one answers with its address, this once."""
    portfolio, wall = own_portfolio(request, portfolio_id), wall_now()
    form, url = LinkForm(request.POST or None), ""
    if form.is_bound and form.is_valid():
        try:
            made = make_link(
                owner_id=portfolio.owner_id,
                portfolio_id=portfolio.pk,
                **form.cleaned_data,
                wall=wall,
                origin=origin_of(request),
            )
            url, form = f"{settings.SITE_URL}/shared/{made.token}", LinkForm()
        except KhalsiError as refusal:
            form.add_error(None, refusal.message)
    rows = [
        {"link": link, "counts": link.ended_at is None and link.ends_at > wall}
        for link in links_of(portfolio)
    ]
    context = {"portfolio": portfolio, "form": form, "url": url, "rows": rows, "now": wall}
    return render(request, "portfolios/share_links.html", context)


@own_page
@require_POST
def end(request: HttpRequest, portfolio_id: UUID, link_id: UUID) -> HttpResponse:
    portfolio = own_portfolio(request, portfolio_id)
    try:
        end_link(
            owner_id=portfolio.owner_id,
            portfolio_id=portfolio.pk,
            link_id=link_id,
            wall=wall_now(),
            origin=origin_of(request),
        )
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    messages.success(request, "The link leads nowhere from now on.")
    return redirect("portfolio-share", portfolio.pk)


@require_GET
def shared_page(request: HttpRequest, token: str) -> HttpResponse:
    """Not to be found by search engines, kept by nobody, and no link from it tells where somebody came from."""
    if not _may_look(request):
        return _private(
            HttpResponse("Too many looks; try again in a minute.", status=429, content_type="text/plain")
        )
    now, wall = market_now(), wall_now()
    try:
        link = link_by(digest_of(token), wall)
    except NotFound:
        return _private(render(request, "portfolios/shared_over.html", status=404))
    context: dict[str, Any] = {
        "shared": shared(link.portfolio, now),
        "now": now,
        "wall": wall,
        "ends_at": link.ends_at,
    }
    return _private(render(request, "portfolios/shared.html", context))


def _may_look(request: HttpRequest) -> bool:
    """By address, so that nobody tries tokens."""
    if not settings.RATE_LIMIT_MAX:
        return True
    key = f"shared:{client_address(request)}"
    return limiter().hit(key, LOOKS_A_MINUTE, MINUTE, time.monotonic()).allowed


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
