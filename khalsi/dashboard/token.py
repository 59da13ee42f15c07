"""One token: candles with the forecast range ahead, what every timeframe says, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from csp.decorators import csp_update
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.lib.clock import market_now
from core.lib.errors import NotFound
from khalsi.dashboard.said import SPANS, Said, row_of
from khalsi.dashboard.token_chart import TokenChart
from khalsi.dashboard.wanted import NAMES, timeframe
from markets.freshness import quote_freshness
from markets.models import LatestQuote, Token
from markets.selectors.tokens import namesakes, token_for
from portfolios.selectors.held import held_by
from predictions import horizons
from predictions.models import Forecast
from predictions.selectors import shown
from predictions.selectors.abstentions import why_silent
from predictions.selectors.forecasts import latest_forecasts

PAST_SHOWN = 24
CHART_CREDIT_STYLE = "'sha256-3pRED1tOXas1FXFoPb9TGCjmYe9XQsmO9OV23khV2nY='"
"""The chart library styles its makers' link by one style element; the policy opens for that alone."""


@dataclass(frozen=True)
class Outlook:
    """One timeframe: its forecast, or why there is none."""

    timeframe: str
    said: Said | None
    reason: str

    @property
    def span(self) -> str:
        return SPANS[self.timeframe]


@dataclass(frozen=True)
class Past:
    """A forecast that has matured, and what became of it."""

    said: Said
    verdict: str
    came: str


@dataclass(frozen=True)
class TokenPage:
    token: Token
    namesakes: list[Token]
    quote: LatestQuote | None
    freshness: str | None
    now: datetime
    timeframe: str
    outlooks: list[Outlook]
    past: list[Past]
    live_symbol: str

    timeframes = NAMES

    @property
    def span(self) -> str:
        return SPANS[self.timeframe]

    @property
    def chosen(self) -> Outlook:
        return next(outlook for outlook in self.outlooks if outlook.timeframe == self.timeframe)

    @property
    def levels_of(self) -> Said | None:
        """The newest forecast, whose support and resistance stand nearest to now."""
        said = [outlook.said for outlook in self.outlooks if outlook.said]
        return max(said, key=lambda one: one.forecast.as_of, default=None)

    @property
    def hits(self) -> int:
        return sum(past.verdict == "hit" for past in self.past)

    @property
    def scored(self) -> int:
        return sum(past.verdict in {"hit", "miss"} for past in self.past)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Web addresses alone: what a source calls a link may be anything."""
        return [(name, link) for name, link in self.token.links.items() if _is_web_address(link)]

    @cached_property
    def chart(self) -> TokenChart:
        said = [outlook.said.forecast for outlook in self.outlooks if outlook.said]
        return TokenChart(self.token, self.timeframe, self.span, said, self.now)


@csp_update({"style-src": [CHART_CREDIT_STYLE]})  # type: ignore[arg-type]
def token(request: HttpRequest, symbol: str) -> HttpResponse:
    try:
        found = token_for(symbol, request.GET.get("id"))
    except NotFound as error:
        raise Http404("No token with this symbol is followed.") from error
    page = token_page(found, timeframe(request), market_now())
    template = "khalsi/_token.html" if request.htmx else "khalsi/token.html"  # type: ignore[attr-defined]
    held = held_by(request.user.pk, found.coingecko_id) if request.user.is_authenticated else None
    answer = render(request, template, {"page": page, "token": found, "now": page.now, "held": held})
    answer["Vary"] = "HX-Request"
    return answer


def token_page(found: Token, chosen: str, now: datetime) -> TokenPage:
    quote = LatestQuote.objects.filter(token=found).first()
    others = namesakes(found)
    return TokenPage(
        token=found,
        namesakes=others,
        quote=quote,
        freshness=quote_freshness(quote.observed_at, now) if quote else None,
        now=now,
        timeframe=chosen,
        outlooks=_outlooks(found, now),
        past=[_past(forecast, now) for forecast in _matured(found, chosen)],
        live_symbol=found.symbol if _owns_its_ticker(found, others) else "",
    )


def _is_web_address(link: object) -> bool:
    return isinstance(link, str) and link.startswith(("https://", "http://"))


def _owns_its_ticker(found: Token, others: list[Token]) -> bool:
    """The live feed means the best rank by a ticker that several share."""
    return not others or Token.objects.active().filter(symbol=found.symbol).by_rank().first() == found


def _outlooks(found: Token, now: datetime) -> list[Outlook]:
    latest = latest_forecasts(NAMES, [found.pk])
    said = {name: row_of(latest.get((found.pk, name)), now) for name in NAMES}
    reasons = why_silent(found) if not all(said.values()) else {}
    return [Outlook(name, said[name], reasons.get(name, "")) for name in NAMES]


def _matured(found: Token, chosen: str) -> QuerySet[Forecast]:
    """The newest matured forecasts at the instants that count, each once."""
    counting = Forecast.objects.filter(token=found, timeframe=chosen, published=True, counts=True)
    matured = counting.filter(outcome__isnull=False).select_related("engine_version", "outcome")
    return matured.order_by("-as_of")[:PAST_SHOWN]


def _past(forecast: Forecast, now: datetime) -> Past:
    came = forecast.outcome.outcome_class
    return Past(
        Said(forecast, now), shown.verdict(forecast), "" if came is None else horizons.CLASS_NAMES[came]
    )
