"""Parses `<symbol>@miniTicker` of the stream, and `/api/v3/ticker/24hr` that stands in for it.

Both hold the newest trade of a pair and its 24 hours; prices are text.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from core.lib.errors import ReplyRefused
from core.lib.strict_json import loads
from markets.providers.base import Parsed, Refusal, Tick
from markets.providers.reading import SKEW, moment, positive, text

LONGEST_MESSAGE = 16 * 1024
_DEEPEST = 8
_OF_THE_STREAM = {"price": "c", "opened": "o", "high": "h", "low": "l", "at": "E", "listing": "s"}
_OF_THE_REPLY = {
    "price": "lastPrice",
    "opened": "openPrice",
    "high": "highPrice",
    "low": "lowPrice",
    "at": "closeTime",
    "listing": "symbol",
}


class GoingDown(Exception):
    """The exchange says that this connection is about to end."""


def stream_of(listing: str) -> str:
    return f"{listing.lower()}@miniTicker"


def read_message(message: str | bytes, listings: Collection[str], now: datetime) -> Tick | None:
    """The tick that a message of a combined stream holds, None for an answer to a command.

    Raises ReplyRefused for what makes no sense, and GoingDown.
    """
    if not isinstance(message, str):
        raise ReplyRefused("a binary message")
    body = loads(message.encode(), max_bytes=LONGEST_MESSAGE, max_depth=_DEEPEST)
    if not isinstance(body, dict):
        raise ReplyRefused("no object")
    event = body.get("data", body)
    if isinstance(event, dict) and event.get("e") == "serverShutdown":
        raise GoingDown
    if "stream" not in body:
        _refuse_what_is_no_answer(body)
        return None
    tick = _tick(event, _OF_THE_STREAM, now)
    if tick.listing not in listings or body["stream"] != stream_of(tick.listing):
        raise ReplyRefused("another pair than was asked for")
    return tick


def parse_tickers(body: Any, listings: Collection[str], now: datetime) -> Parsed[Tick]:
    """The rows of a reply that were asked for and make sense."""
    if not isinstance(body, list):
        raise ReplyRefused("Binance's tickers are no list; nothing of them is used.")
    found: dict[str, Tick] = {}
    refusals = []
    for row in body:
        if not isinstance(row, dict) or row.get("symbol") not in listings:
            continue  # where all pairs were asked for, thousands are none of ours
        try:
            tick = _tick(row, _OF_THE_REPLY, now)
        except ReplyRefused as error:
            refusals.append(Refusal(text(row["symbol"], 128), error.message))
        else:
            found.setdefault(tick.listing, tick)
    return Parsed(list(found.values()), refusals, [one for one in listings if one not in found])


def _refuse_what_is_no_answer(body: dict[str, Any]) -> None:
    if "result" not in body and "error" not in body:
        raise ReplyRefused("neither a price nor an answer")
    if body.get("error") is not None:
        raise ReplyRefused(f"Binance refused a command ({text(str(body['error']), 120)})")


def _tick(event: Any, names: dict[str, str], now: datetime) -> Tick:
    if not isinstance(event, dict) or not isinstance(event.get(names["listing"]), str):
        raise ReplyRefused("no ticker of a pair")
    price, observed_at = positive(event.get(names["price"])), moment(event.get(names["at"]))
    if price is None:
        raise ReplyRefused("the price is absent or no positive number")
    if observed_at is None:
        raise ReplyRefused("the time is absent or no time")
    if observed_at > now + SKEW:
        raise ReplyRefused("observed in the future")
    high, low = positive(event.get(names["high"])), positive(event.get(names["low"]))
    if (high is not None and price > high) or (low is not None and price < low):
        raise ReplyRefused("the price is outside of its own day")
    opened = positive(event.get(names["opened"]))
    return Tick(event[names["listing"]], observed_at, price, opened, high, low)
