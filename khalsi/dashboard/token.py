"""One token: candles with the forecast range ahead, what every timeframe says, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from csp.decorators import csp_update
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.lib.clock import iso, market_now
from core.lib.errors import NotFound
from khalsi.dashboard.home import every_fourth
from khalsi.dashboard.said import SPANS, Said, row_of
from khalsi.dashboard.wanted import NAMES, timeframe
from markets.freshness import quote_freshness
from markets.models import LatestQuote, Token
from markets.selectors.latest import sparklines
from markets.selectors.tokens import namesakes, token_for
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
    week: list[float | None]
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

    @property
    def chart(self) -> dict[str, Any]:
        """What the chart draws beside the candles, which it fetches itself."""
        return chart_data(self)


@csp_update({"style-src": [CHART_CREDIT_STYLE]})  # type: ignore[arg-type]
def token(request: HttpRequest, symbol: str) -> HttpResponse:
    try:
        found = token_for(symbol, request.GET.get("id"))
    except NotFound as error:
        raise Http404("No token with this symbol is followed.") from error
    page = token_page(found, timeframe(request.GET), market_now())
    template = "khalsi/_token.html" if request.htmx else "khalsi/token.html"  # type: ignore[attr-defined]
    answer = render(request, template, {"page": page, "token": found, "now": page.now})
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
        week=every_fourth(sparklines([found.pk], now)[found.pk]),
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


def chart_data(page: TokenPage) -> dict[str, Any]:
    """The fan holds every timeframe up to the chosen one: a cone that opens from the newest reference."""
    reach = next(one.seconds for one in horizons.TIMEFRAMES if one.name == page.timeframe)
    said = [outlook.said.forecast for outlook in page.outlooks if outlook.said]
    return {
        "symbol": page.token.symbol,
        "id": page.token.coingecko_id,
        "timeframe": page.timeframe,
        "interval": "15m" if reach <= 4 * 3600 else "1h",
        "history_hours": _history_hours(reach),
        "fan": [_knot(one) for one in said if one.matures_at - one.as_of <= timedelta(seconds=reach)],
        "past": [_mark(past) for past in page.past],
        "support": page.levels_of.forecast.support if page.levels_of else [],
        "resistance": page.levels_of.forecast.resistance if page.levels_of else [],
    }


def _history_hours(reach_seconds: int) -> int:
    """Six times as much past as future, between 18 hours and three weeks; a month ahead, a month back."""
    hours = reach_seconds / 3600
    return int(max(min(6 * hours, 21 * 24), 18, hours))


def _knot(forecast: Forecast) -> dict[str, Any]:
    return {
        "timeframe": forecast.timeframe,
        "from": int(forecast.as_of.timestamp()),
        "to": int(forecast.matures_at.timestamp()),
        "reference": forecast.reference_price,
        "p10": forecast.p10,
        "p50": forecast.p50,
        "p90": forecast.p90,
    }


def _mark(past: Past) -> dict[str, Any]:
    forecast = past.said.forecast
    return {
        "at": int(forecast.matures_at.timestamp()),
        "said": past.said.favoured,
        "came": past.came,
        "verdict": past.verdict,
        "made": iso(forecast.as_of),
    }
