"""Asks Binance for candles and newest prices.

Several threads may ask at once: it counts its calls and touches nothing else.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from core.lib.errors import ReplyRefused
from core.net.client import HttpClient, Parameters
from core.net.reply import Reply
from core.net.retry import RetryPolicy, retry_after_seconds, with_retries
from markets.candles.intervals import interval_name
from markets.providers.base import CandleBundle, NotListed, Parsed, Tick
from markets.providers.binance.errors import raise_for
from markets.providers.binance.klines import parse_klines
from markets.providers.binance.ticker import parse_tickers
from markets.providers.reading import json_of

NAME = "Binance"
READABLE = frozenset({200, *range(400, 600)})
POLICY = RetryPolicy(attempts=3, base=0.5, cap=5, total=30)
WEIGHT_TO_SLOW_AT = 4500
"""Of 6,000 a minute; beyond it each thread waits between its calls."""
SLOWER_SECONDS = 2.0


class Binance:
    name = "binance"
    page_rows = 1000

    def __init__(
        self, http: HttpClient, policy: RetryPolicy = POLICY, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._http, self._policy, self._sleep = http, policy, sleep
        self._calls = 0
        self._lock = threading.Lock()

    def candles(
        self, listing: str, interval: int, since: datetime, now: datetime, limit: int
    ) -> CandleBundle:
        """Up to `limit` candles from `since` on that had closed by `now`. Raises NotListed."""
        start = int(since.timestamp()) * 1000
        parameters: Parameters = {
            "symbol": listing,
            "interval": interval_name(interval),
            "startTime": start,
            "endTime": start + limit * interval * 1000 - 1,
            "limit": min(limit, self.page_rows),
        }
        body = with_retries(lambda: self._attempt("/api/v3/klines", parameters), self._policy)
        return parse_klines(body, interval, now, listing)

    def ticks(self, listings: Sequence[str], now: datetime) -> Parsed[Tick]:
        """What the stream would say now. One pair that is not listed costs Binance's whole answer: then all are asked
        for.
        """
        asked: Parameters = {"type": "MINI", "symbols": json.dumps(list(listings), separators=(",", ":"))}
        try:
            body = self._attempt("/api/v3/ticker/24hr", asked)
        except NotListed:
            body = self._attempt("/api/v3/ticker/24hr", {"type": "MINI"})
        return parse_tickers(body, listings, now)

    def calls_made(self) -> int:
        """How many calls went out since this was asked last."""
        with self._lock:
            calls, self._calls = self._calls, 0
            return calls

    def _attempt(self, path: str, parameters: Parameters) -> Any:
        with self._lock:
            self._calls += 1
        reply = self._http.get(path, parameters, accept=READABLE)
        self._slow_down(reply)
        pause = retry_after_seconds(reply.headers.get("retry-after"), reply.fetched_at)
        if reply.status >= 400:
            raise_for(reply.status, _json_or_none(reply.body), pause)
        body = json_of(reply.body, NAME)
        raise_for(reply.status, body, pause)
        return body

    def _slow_down(self, reply: Reply) -> None:
        used = reply.headers.get("x-mbx-used-weight-1m", "")
        if used.isascii() and used.isdigit() and int(used) > WEIGHT_TO_SLOW_AT:
            self._sleep(SLOWER_SECONDS)


def _json_or_none(body: bytes) -> Any:
    try:
        return json_of(body, NAME)
    except ReplyRefused:
        return None
