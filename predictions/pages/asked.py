"""What of the record a page's address asks for. What is not known there is answered 400, in plain words."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, QueryDict

from core.lib.clock import floor_to
from core.lib.errors import NotFound
from markets.models import Token
from markets.selectors.tokens import token_for
from predictions import horizons
from predictions.selectors.record_detail import REGIMES
from predictions.selectors.record_sums import Filters

NAMES = tuple(timeframe.name for timeframe in horizons.TIMEFRAMES)
PERIODS = {"7d": 7, "30d": 30, "90d": 90}
"""Days up to now; anything else is between two dates, or everything."""
CSV_PATH = "/api/v1/predictions/track-record.csv"


@dataclass(frozen=True)
class Asked:
    """`since` and `until` are days, both included, and win over a period."""

    now: datetime
    timeframe: str = ""
    engine: str = ""
    token: Token | None = None
    regime: str = ""
    period: str = ""
    since: date | None = None
    until: date | None = None

    @cached_property
    def filters(self) -> Filters:
        return Filters(
            token_id=self.token.pk if self.token else None,
            engine=self.engine or None,
            since=self._since,
            until=_midnight(self.until + timedelta(days=1)) if self.until else None,
            regime=self.regime or None,
        )

    @property
    def of_one_timeframe(self) -> Filters:
        """The filters with the timeframe among them."""
        return replace(self.filters, timeframe=self.timeframe or None)

    @property
    def _since(self) -> datetime | None:
        if self.since:
            return _midnight(self.since)
        days = PERIODS.get(self.period)
        return None if days is None or self.until else floor_to(self.now, horizons.DAY) - timedelta(days=days)

    @property
    def narrowed(self) -> bool:
        return any(
            (self.timeframe, self.engine, self.token, self.regime, self.period, self.since, self.until)
        )

    @property
    def is_of_dates(self) -> bool:
        return bool(self.since or self.until)

    @property
    def query(self) -> str:
        """As it stands behind the `?` of a page."""
        asked = {
            "timeframe": self.timeframe,
            "token": self.token.coingecko_id if self.token else "",
            "engine": self.engine,
            "regime": self.regime,
            "period": "" if self.is_of_dates else self.period,
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
        }
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def timeframe_links(self) -> list[tuple[str, str, bool]]:
        """Name, query and whether it is the present choice."""
        return [
            (name or "all", replace(self, timeframe=name).query, name == self.timeframe)
            for name in ("", *NAMES)
        ]

    @property
    def period_links(self) -> list[tuple[str, str, bool]]:
        plain = replace(self, since=None, until=None)
        chosen = None if self.is_of_dates else self.period
        return [
            (f"{PERIODS[name]} days" if name else "all", replace(plain, period=name).query, name == chosen)
            for name in (*PERIODS, "")
        ]

    @property
    def csv(self) -> str:
        symbol, known_as = (self.token.symbol, self.token.coingecko_id) if self.token else ("", "")
        filters = self.filters
        asked = {
            "timeframe": self.timeframe,
            "symbol": symbol,
            "id": known_as,
            "model": self.engine,
            "regime": self.regime,
            "from": filters.since.strftime("%Y-%m-%d") if filters.since else "",
            "to": filters.until.strftime("%Y-%m-%d") if filters.until else "",
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{CSV_PATH}?{query}" if query else CSV_PATH


def asked_of(query: QueryDict, engines: list[str], now: datetime) -> Asked:
    """A token is named by its CoinGecko id (`token`), or by `symbol` and, where it is shared, `id`."""

    def said(name: str) -> str:
        return query.get(name, "").strip()

    known_as, symbol = said("token") or said("id"), said("symbol")
    return Asked(
        now=now,
        timeframe=_one_of("timeframe", said("timeframe"), NAMES),
        engine=_one_of("engine", said("engine"), engines),
        token=_token(symbol, known_as) if symbol or known_as else None,
        regime=_one_of("regime", said("regime"), REGIMES),
        period="" if said("period") == "all" else _one_of("period", said("period"), PERIODS),
        since=_day("from", said("from")),
        until=_day("to", said("to")),
    )


def _one_of(name: str, asked: str, known: "list[str] | tuple[str, ...] | dict[str, int]") -> str:
    if asked and asked not in known:
        raise BadRequest(f"{name}: choose one of {', '.join(known)}.")
    return asked


def _day(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{name}: write a day as 2026-11-20.") from None
    if not 2000 <= day.year <= 2200:
        raise BadRequest(f"{name}: choose a day between 2000 and 2200.")
    return day


def _token(symbol: str, known_as: str) -> Token:
    try:
        if symbol:
            return token_for(symbol, known_as or None)
        return Token.objects.get(coingecko_id=known_as)
    except (NotFound, Token.DoesNotExist) as error:
        raise Http404("No token with this name is followed.") from error


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
