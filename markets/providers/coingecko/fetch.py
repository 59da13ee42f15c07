"""Asks CoinGecko: address and key header go together, every attempt is counted before it is made."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from core.lib.errors import ReplyRefused
from core.net.client import HttpClient, Parameters
from core.net.retry import RetryPolicy, retry_after_seconds, with_retries
from markets.providers.base import CandleBundle, DetailsRecord, MarketRecord, Parsed, TrendingRecord
from markets.providers.coingecko import plans
from markets.providers.coingecko.details import parse_details
from markets.providers.coingecko.errors import NAME, raise_for
from markets.providers.coingecko.markets import parse_markets
from markets.providers.coingecko.points import parse_points
from markets.providers.coingecko.trending import parse_trending
from markets.providers.reading import json_of

READABLE = frozenset({200, *range(400, 600)})
"""Errors are read too: their bodies say what is wrong with the key or the plan."""
POLICY = RetryPolicy(attempts=3, base=0.5, cap=5, total=30)
_KEY_HEADERS = {"demo": "x-cg-demo-api-key", "pro": "x-cg-pro-api-key"}
Spend = Callable[[str], None]


def key_header(plan: str, key: str) -> dict[str, str]:
    """A key belongs to its host: the plan decides header and address alike. Keyless and sandbox send none."""
    name = _KEY_HEADERS.get(plan)
    return {name: key} if name and key else {}


class CoinGecko:
    """`spend` is told the kind of each call before it goes out, and may refuse it (BudgetSpent)."""

    name = "coingecko"

    def __init__(self, http: HttpClient, spend: Spend, policy: RetryPolicy = POLICY) -> None:
        self._http, self._spend, self._policy = http, spend, policy

    def quotes(self, coingecko_ids: Sequence[str], now: datetime) -> Parsed[MarketRecord]:
        """One request for up to 250 tokens."""
        parameters: Parameters = {
            "vs_currency": "usd",
            "ids": ",".join(coingecko_ids),
            "per_page": 250,
            "page": 1,
            "price_change_percentage": "1h,24h,7d,30d",
            "sparkline": "false",
        }
        return parse_markets(self._get(plans.QUOTES, "/coins/markets", parameters), coingecko_ids, now)

    def points(
        self, coingecko_id: str, days: int, intervals: Sequence[int], now: datetime
    ) -> dict[int, CandleBundle]:
        """Closes by interval from one request.

        CoinGecko's `interval` is left out: every plan gives five minutes for one day, hours for 2 to 90 days.
        """
        path = f"/coins/{quote(coingecko_id, safe='')}/market_chart"
        body = self._get(plans.POINTS, path, {"vs_currency": "usd", "days": days})
        return {interval: parse_points(body, interval, now, coingecko_id) for interval in intervals}

    def trending(self) -> Parsed[TrendingRecord]:
        return parse_trending(self._get(plans.TRENDING, "/search/trending", {}))

    def details(self, coingecko_id: str) -> DetailsRecord:
        """Only what is used: the full body is large."""
        off = ("localization", "tickers", "market_data", "community_data", "developer_data")
        path = f"/coins/{quote(coingecko_id, safe='')}"
        return parse_details(self._get(plans.DETAILS, path, dict.fromkeys(off, "false")), coingecko_id)

    def _get(self, kind: str, path: str, parameters: Parameters) -> Any:
        return with_retries(lambda: self._attempt(kind, path, parameters), self._policy)

    def _attempt(self, kind: str, path: str, parameters: Parameters) -> Any:
        self._spend(kind)
        reply = self._http.get(path, parameters, accept=READABLE)
        pause = retry_after_seconds(reply.headers.get("retry-after"), reply.fetched_at)
        if reply.status >= 400:
            raise_for(reply.status, _json_or_none(reply.body), pause)
        body = json_of(reply.body, NAME)
        raise_for(reply.status, body, pause)
        return body


def _json_or_none(body: bytes) -> Any:
    """Errors may come as a web page from the network in front of the source."""
    try:
        return json_of(body, NAME)
    except ReplyRefused:
        return None
