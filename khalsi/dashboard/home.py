"""The overview: what the market does and what is forecast for every followed token, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.lib.clock import market_now, wall_now
from khalsi.dashboard.said import SPANS, Said, row_of
from khalsi.dashboard.wanted import NAMES, ORDERINGS_SHOWN, Wanted, wanted
from markets.freshness import quote_freshness, trending_freshness
from markets.models import LatestQuote, Token
from markets.selectors.latest import sparklines
from markets.selectors.sources import StreamReport, missed_stream
from markets.selectors.tokens import token_ids_by_symbol
from markets.selectors.trending import Trending, trending
from predictions.selectors.screener import Row, Screen, screen
from predictions.selectors.summary import Totals, totals

SPARK_STEP = 4
TRENDING_SHOWN = 6


@dataclass(frozen=True)
class MarketRow:
    """One line of the table. `live_symbol` is empty where the ticker means another token on the live feed."""

    token: Token
    quote: LatestQuote | None
    said: Said | None
    sparkline: list[float | None]
    freshness: str | None
    live_symbol: str


@dataclass(frozen=True)
class Mood:
    """What the shown forecasts add up to, and how much of the market is fresh."""

    totals: Totals
    baseline: float | None
    live: int
    tokens: int
    newest: datetime | None

    @property
    def shares(self) -> tuple[int, int, int]:
        counts = self.totals
        return (counts["bearish_predictions"], counts["sideways_predictions"], counts["bullish_predictions"])


@dataclass(frozen=True)
class Overview:
    wanted: Wanted
    now: datetime
    rows: list[MarketRow]
    mood: Mood
    categories: list[tuple[str, str]]
    trending: Trending
    trending_freshness: str
    missed_stream: StreamReport | None

    timeframes = NAMES
    orderings = ORDERINGS_SHOWN

    @property
    def span(self) -> str:
        return SPANS[self.wanted.timeframe]

    @property
    def has_forecasts(self) -> bool:
        return any(row.said for row in self.rows)

    @property
    def is_baseline(self) -> bool:
        """Whether nothing but the baseline speaks at this timeframe."""
        return self.has_forecasts and all(row.said.is_baseline for row in self.rows if row.said)


def home(request: HttpRequest) -> HttpResponse:
    """The whole page, or the part that follows the choice of timeframe, category and order."""
    shown = overview(wanted(request), market_now())
    template = "khalsi/_market.html" if request.htmx else "khalsi/home.html"  # type: ignore[attr-defined]
    answer = render(request, template, {"overview": shown, "now": shown.now})
    answer["Vary"] = "HX-Request"
    return answer


def overview(asked: Wanted, now: datetime) -> Overview:
    screened = screen(
        Screen(timeframe=asked.timeframe, category=asked.category or None, ordering=asked.ordering)
    )
    rows = _rows(screened, now)
    searched_for = trending(limit=TRENDING_SHOWN)
    return Overview(
        wanted=asked,
        now=now,
        rows=rows,
        mood=_mood(rows),
        categories=_categories(),
        trending=searched_for,
        trending_freshness=trending_freshness(searched_for.observed_at, now),
        missed_stream=missed_stream(wall_now()),
    )


def _rows(screened: Sequence[Row], now: datetime) -> list[MarketRow]:
    weeks = sparklines([row.token.pk for row in screened], now)
    meant = token_ids_by_symbol()
    return [
        MarketRow(
            token=row.token,
            quote=row.quote,
            said=row_of(row.forecast, now),
            sparkline=every_fourth(weeks[row.token.pk]),
            freshness=quote_freshness(row.quote.observed_at, now) if row.quote else None,
            live_symbol=row.token.symbol if meant.get(row.token.symbol) == row.token.pk else "",
        )
        for row in screened
    ]


def every_fourth(closes: list[float | None]) -> list[float | None]:
    """Every fourth hour, the newest among them: more would not be seen in a small line."""
    return closes[::-SPARK_STEP][::-1]


def _mood(rows: list[MarketRow]) -> Mood:
    said = [row.said for row in rows if row.said]
    observed = [row.quote.observed_at for row in rows if row.quote]
    return Mood(
        totals=totals([one.forecast for one in said]),
        baseline=sum(one.baseline_here for one in said) / len(said) if said else None,
        live=sum(row.freshness == "live" for row in rows),
        tokens=len(rows),
        newest=max(observed, default=None),
    )


def _categories() -> list[tuple[str, str]]:
    """Those that a followed token belongs to, as value and label."""
    present = set(Token.objects.active().order_by().values_list("category", flat=True).distinct())
    return [(value, label) for value, label in Token.Category.choices if value in present]
