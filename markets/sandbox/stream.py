"""Live prices pushed to the client: Binance's WebSocket streams, and server-sent events of all prices.

Binance's: `/ws/<stream>` sends bare events, `/stream?streams=a/b` wraps them as `{"stream": …, "data": …}`.
Streams are `<symbol>@miniTicker` (each second in which the pair has a newer price: in a replay, at closes),
`<symbol>@kline_<interval>` (every two, and once with `x` true when a candle has closed) and
`!miniTicker@arr`; SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS work at run time. The server pings every 20
seconds and gives up on a client that has not answered for a minute.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Any

import orjson

from markets.sandbox.binance import INTERVALS, kline_row, kline_rows
from markets.sandbox.clock import SandboxClock
from markets.sandbox.coingecko_coins import stamp
from markets.sandbox.faults import OF_STREAMS, STREAM, Faults
from markets.sandbox.market import DAY, Market, Pair, Snapshot
from markets.sandbox.stream_faults import misbehave
from markets.sandbox.websocket import TEXT, Closed, Connection

TICK = 1.0
KLINE_TICKS = 2
PING_EVERY, PATIENCE = 20.0, 60.0
ALL = "!miniTicker@arr"


class Subscriptions:
    """What one connection listens to, and which candle of each kline stream it was shown last."""

    def __init__(self, market: Market, clock: SandboxClock, names: Sequence[str], wrapped: bool) -> None:
        self._market, self._clock, self._wrapped = market, clock, wrapped
        self.names = list(dict.fromkeys(names))
        self._shown: dict[str, int] = {}
        self._told: dict[str, tuple[float, float]] = {}

    def command(self, text: bytes) -> bytes:
        """The answer to a command of the client."""
        try:
            wish = orjson.loads(text)
        except orjson.JSONDecodeError:
            return orjson.dumps(
                {"error": {"code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"}}
            )
        number = wish.get("id") if isinstance(wish, dict) else None
        asked = wish.get("params") or [] if isinstance(wish, dict) else []
        match wish.get("method") if isinstance(wish, dict) else None:
            case "SUBSCRIBE" if isinstance(asked, list):
                self.names += [name for name in map(str, asked) if name not in self.names]
            case "UNSUBSCRIBE" if isinstance(asked, list):
                self.names = [name for name in self.names if name not in asked]
            case "LIST_SUBSCRIPTIONS":
                return orjson.dumps({"result": self.names, "id": number})
            case _:
                return orjson.dumps(
                    {"error": {"code": 2, "msg": "Invalid request: unknown method"}, "id": number}
                )
        return orjson.dumps({"result": None, "id": number})

    def due(self, tick: int) -> Iterator[bytes]:
        """The messages of one second. Streams of unknown symbols stay silent, as Binance's do."""
        at = self._clock.now()
        pairs = {pair.symbol: pair for pair in self._market.pairs(at) if pair.trading}
        board = {one.listing.coingecko_id: one for one in self._market.board(at)}
        for name in list(self.names):
            for event in self._events(name, tick, pairs, board, at):
                yield orjson.dumps({"stream": name, "data": event} if self._wrapped else event)

    def _events(
        self, name: str, tick: int, pairs: dict[str, Pair], board: dict[str, Snapshot], at: float
    ) -> list[Any]:
        if name == ALL:
            rows = [event for pair in pairs.values() for event in self._ticker(name, pair, board, at)]
            return [rows] if rows else []
        symbol, _, kind = name.partition("@")
        pair = pairs.get(symbol.upper())
        if pair is None or symbol != symbol.lower():
            return []
        if kind == "miniTicker":
            return self._ticker(name, pair, board, at)
        interval = kind.removeprefix("kline_")
        if kind != interval and interval in INTERVALS and tick % KLINE_TICKS == 0:
            return self._klines(name, pair, interval, at)
        return []

    def _ticker(self, name: str, pair: Pair, board: dict[str, Snapshot], at: float) -> list[dict[str, Any]]:
        newest, one = self._market.last_price(pair.coingecko_id, at), board.get(pair.coingecko_id)
        told = f"{name} {pair.symbol}"
        if newest is None or one is None or self._told.get(told) == newest:
            return []
        self._told[told] = newest
        price = newest[0]
        quoted = None if one.volume_24h is None else one.volume_24h * pair.volume_share
        return [
            {
                "e": "24hrMiniTicker",
                "E": int(newest[1] * 1000),
                "s": pair.symbol,
                "c": _price(pair, price),
                "o": _price(pair, one.earlier.get("24h")),
                "h": _price(pair, None if one.high_24h is None else max(one.high_24h, price)),
                "l": _price(pair, None if one.low_24h is None else min(one.low_24h, price)),
                "v": None if quoted is None else f"{quoted / price:.8f}",
                "q": None if quoted is None else f"{quoted:.8f}",
            }
        ]

    def _klines(self, name: str, pair: Pair, interval: str, at: float) -> list[dict[str, Any]]:
        """Candles that have closed since the last look, then the one that runs."""
        seconds, counted = INTERVALS[interval], self._market.kind == "simulated"
        opened = int(at) // seconds * seconds
        first = max(self._shown.get(name, opened), opened - DAY)
        closed = self._market.candles(pair.coingecko_id, seconds, first, opened, at)
        rows = [(row, True) for row in kline_rows(closed, seconds, pair, counted)]
        if len(closed):
            self._shown[name] = int(closed.open_times[-1]) + seconds
        else:
            self._shown.setdefault(name, opened)
        running = self._market.running(pair.coingecko_id, seconds, at)
        if running is not None:
            rows.append((kline_row(running, seconds, pair, counted), False))
        return [_kline(row, pair, interval, at, final) for row, final in rows]


def _price(pair: Pair, value: float | None) -> str | None:
    return None if value is None else f"{value:.{pair.decimals}f}"


def _kline(row: list[Any], pair: Pair, interval: str, at: float, final: bool) -> dict[str, Any]:
    opened, first, high, low, last, volume, ended, quoted, trades, taken, taken_quoted, _ = row
    candle = {
        "t": opened,
        "T": ended,
        "s": pair.symbol,
        "i": interval,
        "f": -1,
        "L": -1,
        "o": first,
        "c": last,
    }
    candle |= {
        "h": high,
        "l": low,
        "v": volume,
        "n": trades,
        "x": final,
        "q": quoted,
        "V": taken,
        "Q": taken_quoted,
    }
    return {"e": "kline", "E": int(at * 1000), "s": pair.symbol, "k": candle | {"B": "0"}}


def serve_streams(
    connection: Connection, subscriptions: Subscriptions, faults: Faults, stopping: Event
) -> None:
    """Runs until the client leaves, falls silent, the server stops, or a fault ends it."""
    tick, due = 0, time.monotonic()
    pinged = heard = time.monotonic()
    try:
        while not stopping.is_set():
            if connection.wait(min(due - time.monotonic(), 0.2)):
                kind, text = connection.receive()
                heard = time.monotonic()
                if kind == TEXT:
                    connection.send(subscriptions.command(text))
            now = time.monotonic()
            if now - heard > PATIENCE:
                break
            if now - pinged >= PING_EVERY:
                connection.ping(str(int(time.time() * 1000)).encode())
                pinged = now
            if now >= due:
                _send(connection, list(subscriptions.due(tick)), faults)
                tick, due = tick + 1, max(due + TICK, now)
        connection.close()
    except Closed as over:
        connection.close(over.code)
    except OSError:
        pass  # the client is gone


def _send(connection: Connection, messages: list[bytes], faults: Faults) -> None:
    fault = faults.take(STREAM, "/stream", OF_STREAMS) if messages else None
    if fault is not None:
        return misbehave(connection, fault, messages)
    for message in messages:
        connection.send(message)
    return None


def serve_prices(
    write: Callable[[bytes], None], market: Market, clock: SandboxClock, ids: set[str], stopping: Event
) -> None:
    """Server-sent events: all prices at first, then each second those that changed. `write` raises OSError
    at the end.
    """
    known: dict[str, tuple[float, float]] = {}
    write(b"retry: 2000\n\n")
    while not stopping.is_set():
        at = clock.now()
        names = [one.listing.coingecko_id for one in market.board(at)]
        newest = {name: market.last_price(name, at) for name in names if not ids or name in ids}
        changed = {
            name: quote for name, quote in newest.items() if quote is not None and known.get(name) != quote
        }
        known |= changed
        prices = {
            name: {"usd": price, "last_updated_at": int(seen)} for name, (price, seen) in changed.items()
        }
        event = orjson.dumps({"market_time": stamp(at), "source": market.kind, "prices": prices})
        write(b"event: prices\ndata: " + event + b"\n\n" if changed else b": nothing new\n\n")
        stopping.wait(TICK)
