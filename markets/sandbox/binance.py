"""Binance's public market data (spot, API v3) in its own shapes, over any market. Every pair is against
USDT.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from markets.candles.intervals import SECONDS_BY_NAME
from markets.candles.series import CandleSeries
from markets.sandbox.market import DAY, Bar, Market, Pair, Snapshot
from markets.sandbox.replies import Query, Refused, Reply

INTERVALS = {
    **SECONDS_BY_NAME,
    "3m": 180,
    "2h": 7200,
    "6h": 21_600,
    "8h": 28_800,
    "12h": 43_200,
    "3d": 3 * DAY,
}
DEFAULT_ROWS, MOST_ROWS = 500, 1000
WEIGHTS = {"/klines": 2, "/uiKlines": 2, "/exchangeInfo": 20, "/ticker/24hr": 80, "/ticker/price": 4}
Shape = Callable[[Pair, Snapshot, Query, float], dict[str, Any]]


def answer(market: Market, path: str, query: Query, at: float) -> Reply:
    """`path` is what follows `/api/v3`. Errors are `{"code": …, "msg": …}` as Binance writes them."""
    served: dict[str, Callable[[], Any]] = {
        "/ping": dict,
        "/time": lambda: {"serverTime": int(at * 1000)},
        "/exchangeInfo": lambda: _exchange_info(market, query, at),
        "/klines": lambda: _klines(market, query, at),
        "/uiKlines": lambda: _klines(market, query, at),
        "/ticker/24hr": lambda: _tickers(market, query, at, _ticker),
        "/ticker/price": lambda: _tickers(market, query, at, _last_price),
    }
    if path not in served:
        return Reply("<html><body>404 Not found</body></html>", 404)
    try:
        return Reply(served[path]())
    except Refused as refused:
        return refused.reply


def _refuse(code: int, message: str) -> Refused:
    return Refused(400, {"code": code, "msg": message})


def _missing(name: str) -> Refused:
    return _refuse(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def _pairs(market: Market, at: float) -> dict[str, Pair]:
    return {pair.symbol: pair for pair in market.pairs(at)}


def _one(pairs: Mapping[str, Pair], symbol: str) -> Pair:
    if symbol not in pairs:
        raise _refuse(-1121, "Invalid symbol.")
    return pairs[symbol]


def _asked(pairs: Mapping[str, Pair], query: Query) -> list[Pair]:
    """The pairs named by `symbol` or `symbols` (a JSON list, not both), else all."""
    if query.text("symbol") and query.text("symbols"):
        raise _refuse(-1128, "Combination of optional parameters invalid.")
    if query.text("symbol"):
        return [_one(pairs, query.text("symbol"))]
    if not query.text("symbols"):
        return list(pairs.values())
    try:
        names = json.loads(query.text("symbols"))
    except ValueError:
        names = None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _refuse(-1100, "Illegal characters found in parameter 'symbols'.")
    return [_one(pairs, name) for name in names]


def _exchange_info(market: Market, query: Query, at: float) -> dict[str, Any]:
    return {
        "timezone": "UTC",
        "serverTime": int(at * 1000),
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
            {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61000},
        ],
        "exchangeFilters": [],
        "symbols": [_symbol(pair) for pair in _asked(_pairs(market, at), query)],
    }


def _symbol(pair: Pair) -> dict[str, Any]:
    tick = f"{10**-pair.decimals:.{pair.decimals}f}"
    return {
        "symbol": pair.symbol,
        "status": "TRADING" if pair.trading else "BREAK",
        "baseAsset": pair.base,
        "baseAssetPrecision": 8,
        "quoteAsset": "USDT",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": tick,
                "maxPrice": "1000000.00000000",
                "tickSize": tick,
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": "0.00000100",
                "maxQty": "9000000000.00",
                "stepSize": "0.00000100",
            },
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
    }


def _milliseconds(query: Query, name: str) -> int | None:
    value = query.text(name)
    if not value:
        return None
    if not value.isdecimal():
        raise _refuse(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
        )
    return int(value)


def _klines(market: Market, query: Query, at: float) -> list[list[Any]]:
    if not query.text("symbol"):
        raise _missing("symbol")
    pair = _one(_pairs(market, at), query.text("symbol"))
    if not query.text("interval"):
        raise _missing("interval")
    if query.text("interval") not in INTERVALS:
        raise _refuse(-1120, "Invalid interval.")
    interval = INTERVALS[query.text("interval")]
    start, end = _milliseconds(query, "startTime"), _milliseconds(query, "endTime")
    limit = min(_milliseconds(query, "limit") or DEFAULT_ROWS, MOST_ROWS)
    first = 0 if start is None else -(-start // 1000)
    last = int(at) if end is None else min(end // 1000, int(at))
    bar = market.running(pair.coingecko_id, interval, at) if first <= last else None
    if bar is not None and not first <= bar.open_time <= last:
        bar = None
    counted = market.kind == "simulated"
    if start is None:
        wanted = limit - 1 if bar else limit
        closed = _latest(market, pair, interval, last, wanted, at)
        rows = kline_rows(closed, interval, pair, counted)
        return [*rows, kline_row(bar, interval, pair, counted)] if bar else rows
    closed = _earliest(market, pair, interval, first, last, limit, at)
    rows = kline_rows(closed, interval, pair, counted)
    return [*rows, kline_row(bar, interval, pair, counted)] if bar and len(rows) < limit else rows


def _earliest(
    market: Market, pair: Pair, interval: int, first: int, last: int, limit: int, at: float
) -> CandleSeries:
    """The first `limit` candles from `first` on. A narrow look suffices unless candles are missing there."""
    near = min(last, first + limit * interval)
    found = market.candles(pair.coingecko_id, interval, first, near, at)
    if len(found) < limit and near < last:
        found = market.candles(pair.coingecko_id, interval, first, last, at)
    return found.pick(slice(0, limit))


def _latest(market: Market, pair: Pair, interval: int, last: int, limit: int, at: float) -> CandleSeries:
    if limit <= 0:
        return CandleSeries.empty()
    found = market.candles(pair.coingecko_id, interval, last - (limit + 1) * interval, last, at)
    if len(found) < limit:
        found = market.candles(pair.coingecko_id, interval, 0, last, at)
    return found.pick(slice(-limit, None))


def kline_rows(candles: CandleSeries, interval: int, pair: Pair, counted: bool) -> list[list[Any]]:
    volume = candles.volume * pair.volume_share
    columns = [candles.open, candles.high, candles.low, candles.close, volume]
    trades = trades_of(candles, volume) if counted else None
    figures = zip(candles.open_times.tolist(), *(column.tolist() for column in columns), strict=True)
    return [
        _row(opened, interval, pair, prices, volume, None if trades is None else trades[i])
        for i, (opened, *prices, volume) in enumerate(figures)
    ]


def trades_of(candles: CandleSeries, volume: np.ndarray) -> list[int]:
    """How many trades a simulated bar had: about 350 USD each."""
    return list(1 + (volume * candles.close / 350).astype(int))


def kline_row(bar: Bar, interval: int, pair: Pair, counted: bool) -> list[Any]:
    prices = [bar.open, bar.high, bar.low, bar.close]
    return _row(
        bar.open_time, interval, pair, prices, bar.volume * pair.volume_share, bar.trades if counted else None
    )


def _row(
    opened: int, interval: int, pair: Pair, prices: Sequence[float], volume: float, trades: int | None
) -> list[Any]:
    """Twelve columns. Trades and the takers' part are null in a replay: the folder does not know them."""
    quoted = volume * sum(prices) / 4
    return [
        opened * 1000,
        *(f"{price:.{pair.decimals}f}" for price in prices),
        f"{volume:.8f}",
        (opened + interval) * 1000 - 1,
        f"{quoted:.8f}",
        None if trades is None else int(trades),
        None if trades is None else f"{volume / 2:.8f}",
        None if trades is None else f"{quoted / 2:.8f}",
        "0",
    ]


def _tickers(market: Market, query: Query, at: float, shape: Shape) -> Any:
    """All halted pairs are left out, as are those whose token the market does not show."""
    board = {one.listing.coingecko_id: one for one in market.board(at)}
    asked = _asked(_pairs(market, at), query)
    rows = [shape(pair, board[pair.coingecko_id], query, at) for pair in asked if pair.coingecko_id in board]
    if not query.text("symbol"):
        return rows
    if not rows:
        raise _refuse(-1121, "Invalid symbol.")
    return rows[0]


def _price(pair: Pair, value: float | None) -> str | None:
    return None if value is None else f"{value:.{pair.decimals}f}"


def _last_price(pair: Pair, one: Snapshot, query: Query, at: float) -> dict[str, Any]:
    return {"symbol": pair.symbol, "price": _price(pair, one.price)}


def _ticker(pair: Pair, one: Snapshot, query: Query, at: float) -> dict[str, Any]:
    """Rolling 24 h. What the market does not know is null."""
    opened = one.earlier.get("24h")
    quoted = None if one.volume_24h is None else one.volume_24h * pair.volume_share
    volume = None if quoted is None else quoted / one.price
    end = int(one.observed_at * 1000)
    row = {
        "symbol": pair.symbol,
        "openPrice": _price(pair, opened),
        "highPrice": _price(pair, one.high_24h),
        "lowPrice": _price(pair, one.low_24h),
        "lastPrice": _price(pair, one.price),
        "volume": None if volume is None else f"{volume:.8f}",
        "quoteVolume": None if quoted is None else f"{quoted:.8f}",
        "openTime": end - DAY * 1000,
        "closeTime": end,
        "firstId": -1,
        "lastId": -1,
        "count": 0,
    }
    if query.text("type") == "MINI":
        return row
    changed = None if opened is None else one.price - opened
    return row | {
        "priceChange": _price(pair, changed),
        "priceChangePercent": None if changed is None or not opened else f"{changed / opened * 100:.3f}",
        "weightedAvgPrice": _price(pair, one.price),
        "prevClosePrice": _price(pair, opened),
        "lastQty": None,
        "bidPrice": None,
        "bidQty": None,
        "askPrice": None,
        "askQty": None,
    }
