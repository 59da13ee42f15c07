"""CoinGecko's API v3 in its own shapes, over any market. `vs_currency` is `usd` alone."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from markets.sandbox.coingecko_coins import describe, number, trending_item, whole
from markets.sandbox.coingecko_coins import stamp as iso
from markets.sandbox.market import DAY, PERIODS, Market, Snapshot
from markets.sandbox.replies import Query, Refused, Reply

VIEW = 30  # seconds for which a reply may be cached
CURRENCY = "usd"
DEFAULT_PAGE, LONGEST_PAGE = 100, 250
CATEGORIES: dict[str, Callable[[Snapshot], bool]] = {
    "solana-ecosystem": lambda one: one.listing.solana,
    "solana-meme-coins": lambda one: one.listing.solana and one.listing.category == "meme",
    "meme-token": lambda one: one.listing.category == "meme",
    "stablecoins": lambda one: one.listing.category == "stablecoin",
}
_ORDERS: dict[str, tuple[Callable[[Snapshot], Any], bool]] = {
    "market_cap_desc": (lambda one: one.market_cap or 0, True),
    "market_cap_asc": (lambda one: one.market_cap or 0, False),
    "volume_desc": (lambda one: one.volume_24h or 0, True),
    "volume_asc": (lambda one: one.volume_24h or 0, False),
    "id_asc": (lambda one: one.listing.coingecko_id, False),
    "id_desc": (lambda one: one.listing.coingecko_id, True),
}
# Days asked for: the length of CoinGecko's candle then.
_OHLC = {1: 1800, 7: 14_400, 14: 14_400, 30: 14_400, 90: 4 * DAY, 180: 4 * DAY, 365: 4 * DAY}


def answer(market: Market, path: str, query: Query, at: float) -> Reply:
    """`path` is what follows `/api/v3`. Errors come back in the shapes that CoinGecko was seen to use."""
    fixed: dict[str, Callable[[], Any]] = {
        "/ping": lambda: {"gecko_says": "(V3) To the Moon!"},
        "/coins/markets": lambda: _markets(market, query, at),
        "/simple/price": lambda: _simple_price(market, query, at),
        "/coins/list": lambda: _list(market, query, at),
        "/search/trending": lambda: _trending(market, at),
    }
    path = path.rstrip("/")
    try:
        payload = fixed[path]() if path in fixed else _of_coin(market, path, query, at)
    except Refused as refused:
        return refused.reply
    return Reply(payload, headers=_caching(market, at))


def _caching(market: Market, at: float) -> dict[str, str]:
    headers = {"Cache-Control": "max-age=30, public, must-revalidate, s-maxage=60"}
    if market.kind == "simulated":
        headers["Age"] = str(int(at % VIEW))
    return headers


def _of_coin(market: Market, path: str, query: Query, at: float) -> Any:
    parts = path.strip("/").split("/")
    if len(parts) < 2 or parts[0] != "coins":
        raise Refused(404, {"status": {"error_code": 404, "error_message": "Incorrect path."}})
    snapshot = _find(market, parts[1], at)
    match parts[2:]:
        case []:
            spark = market.sparkline(parts[1], at) if query.flag("sparkline") else None
            return describe(snapshot, spark)
        case ["market_chart"]:
            return _market_chart(market, snapshot, query, at)
        case ["market_chart", "range"]:
            return _chart_range(market, snapshot, query, at)
        case ["ohlc"]:
            return _ohlc(market, snapshot, query, at)
    raise Refused(404, {"status": {"error_code": 404, "error_message": "Incorrect path."}})


def _find(market: Market, coingecko_id: str, at: float) -> Snapshot:
    for snapshot in market.board(at):
        if snapshot.listing.coingecko_id == coingecko_id:
            return snapshot
    raise Refused(404, {"error": "coin not found"})


def _require(query: Query, name: str) -> str:
    if not query.text(name):
        raise Refused(422, {"error": f"Missing parameter {name}"})
    return query.text(name)


def _require_currency(query: Query) -> None:
    if _require(query, "vs_currency").lower() != CURRENCY:
        raise Refused(422, {"error": "invalid vs_currency"})


def _integer(query: Query, name: str, otherwise: int, least: int, most: int) -> int:
    try:
        return min(max(int(query.text(name, str(otherwise))), least), most)
    except ValueError:
        return otherwise


def _selected(board: Sequence[Snapshot], query: Query) -> list[Snapshot]:
    """CoinGecko's order of filters: category before ids before names before symbols. Unknown ones are left
    out.
    """
    if category := query.text("category"):
        belongs = CATEGORIES.get(category)
        return [one for one in board if belongs and belongs(one)]
    if ids := set(query.listed("ids")):
        return [one for one in board if one.listing.coingecko_id in ids]
    if names := {name.lower() for name in query.listed("names")}:
        return [one for one in board if one.listing.name.lower() in names]
    if symbols := {symbol.lower() for symbol in query.listed("symbols")}:
        return [one for one in board if one.listing.symbol.lower() in symbols]
    return list(board)


def _markets(market: Market, query: Query, at: float) -> list[dict[str, Any]]:
    _require_currency(query)
    chosen = _selected(market.board(at), query)
    key, descending = _ORDERS.get(query.text("order"), _ORDERS["market_cap_desc"])
    chosen.sort(key=key, reverse=descending)
    size = _integer(query, "per_page", DEFAULT_PAGE, 1, LONGEST_PAGE)
    first = (_integer(query, "page", 1, 1, 10_000) - 1) * size
    periods = [name for name in query.listed("price_change_percentage") if name in PERIODS and name != "60d"]
    rows = []
    for snapshot in chosen[first : first + size]:
        row = market_row(snapshot, periods)
        if query.flag("sparkline"):
            row["sparkline_in_7d"] = {"price": market.sparkline(snapshot.listing.coingecko_id, at)}
        rows.append(row)
    return rows


def change(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else number(now - then)


def percentage(now: float | None, then: float | None) -> float | None:
    return None if now is None or not then else round((now / then - 1) * 100, 5)


def market_row(one: Snapshot, periods: Sequence[str]) -> dict[str, Any]:
    """One element of /coins/markets, in CoinGecko's order of fields."""
    supply, extremes, listing, yesterday = one.supply, one.extremes, one.listing, one.earlier.get("24h")
    row = {
        "id": listing.coingecko_id,
        "symbol": listing.symbol.lower(),
        "name": listing.name,
        "image": "missing_large.png",
        "current_price": number(one.price),
        "market_cap": whole(one.market_cap),
        "market_cap_rank": one.rank,
        "fully_diluted_valuation": whole(one.price * (supply.maximum or supply.total)) if supply else None,
        "total_volume": whole(one.volume_24h),
        "high_24h": number(one.high_24h),
        "low_24h": number(one.low_24h),
        "price_change_24h": change(one.price, yesterday),
        "price_change_percentage_24h": percentage(one.price, yesterday),
        "market_cap_change_24h": change(one.market_cap, one.market_cap_24h_ago),
        "market_cap_change_percentage_24h": percentage(one.market_cap, one.market_cap_24h_ago),
        "circulating_supply": number(supply.circulating) if supply else None,
        "total_supply": number(supply.total) if supply else None,
        "max_supply": number(supply.maximum) if supply else None,
        "ath": number(extremes.high) if extremes else None,
        "ath_change_percentage": percentage(one.price, extremes.high) if extremes else None,
        "ath_date": iso(extremes.high_at) if extremes else None,
        "atl": number(extremes.low) if extremes else None,
        "atl_change_percentage": percentage(one.price, extremes.low) if extremes else None,
        "atl_date": iso(extremes.low_at) if extremes else None,
        "roi": None,
        "last_updated": iso(one.observed_at),
    }
    for name in periods:
        row[f"price_change_percentage_{name}_in_currency"] = percentage(one.price, one.earlier.get(name))
    return row


def _simple_price(market: Market, query: Query, at: float) -> dict[str, dict[str, Any]]:
    _require(query, "vs_currencies")
    if not any(query.text(name) for name in ("ids", "names", "symbols")):
        raise Refused(422, {"error": "Missing parameter ids"})
    known = CURRENCY in {name.lower() for name in query.listed("vs_currencies")}
    chosen = _selected(market.board(at), query)
    return {one.listing.coingecko_id: _simple_row(one, query) if known else {} for one in chosen}


def _simple_row(one: Snapshot, query: Query) -> dict[str, Any]:
    row: dict[str, Any] = {"usd": number(one.price)}
    if query.flag("include_market_cap"):
        row["usd_market_cap"] = number(one.market_cap)
    if query.flag("include_24hr_vol"):
        row["usd_24h_vol"] = number(one.volume_24h)
    if query.flag("include_24hr_change"):
        row["usd_24h_change"] = percentage(one.price, one.earlier.get("24h"))
    if query.flag("include_last_updated_at"):
        row["last_updated_at"] = int(one.observed_at)
    return row


def _list(market: Market, query: Query, at: float) -> list[dict[str, Any]]:
    rows = []
    for one in sorted(market.board(at), key=lambda one: one.listing.coingecko_id):
        listing = one.listing
        row: dict[str, Any] = {
            "id": listing.coingecko_id,
            "symbol": listing.symbol.lower(),
            "name": listing.name,
        }
        if query.flag("include_platform"):
            row["platforms"] = {"solana": listing.mint} if listing.mint else {}
        rows.append(row)
    return rows


def _trending(market: Market, at: float) -> dict[str, Any]:
    board = {one.listing.coingecko_id: one for one in market.board(at)}
    bitcoin = board.get("bitcoin")
    items = [
        trending_item(board[name], place, bitcoin.price if bitcoin else None)
        for place, name in enumerate(name for name in market.trending(at) if name in board)
    ]
    return {"coins": items, "nfts": [], "categories": []}


def _market_chart(market: Market, one: Snapshot, query: Query, at: float) -> dict[str, Any]:
    _require_currency(query)
    asked = _require(query, "days")
    try:
        days = 365.0 if asked == "max" else float(asked)
    except ValueError:
        raise Refused(422, {"error": "Invalid days"}) from None
    if not 0 < days <= 365:
        raise Refused(401, _too_far_back(at))
    step = DAY if query.text("interval") == "daily" else _step(days)
    return _points(market, one, step, at - days * DAY, at, at)


def _too_far_back(at: float) -> dict[str, Any]:
    message = (
        "Your request exceeds the allowed time range. Public API users are limited to the past 365 days."
    )
    return {"error": {"status": {"timestamp": iso(at), "error_code": 10012, "error_message": message}}}


def _step(days: float) -> int:
    return 300 if days <= 1 else 3600 if days <= 90 else DAY


def _chart_range(market: Market, one: Snapshot, query: Query, at: float) -> dict[str, Any]:
    _require_currency(query)
    try:
        first, last = float(_require(query, "from")), float(_require(query, "to"))
    except ValueError:
        raise Refused(422, {"error": "Invalid from or to"}) from None
    days = (last - first) / DAY
    step = 300 if days <= 1 and last >= at - 300 else max(3600, _step(days))
    return _points(market, one, step, max(first, at - 366 * DAY), min(last, at), at)


def _points(market: Market, one: Snapshot, step: int, first: float, last: float, at: float) -> dict[str, Any]:
    points = market.chart(one.listing.coingecko_id, step, first, last, at)
    return {
        "prices": [[int(point.at * 1000), number(point.price)] for point in points],
        "market_caps": [[int(point.at * 1000), number(point.market_cap)] for point in points],
        "total_volumes": [[int(point.at * 1000), number(point.volume_24h)] for point in points],
    }


def _ohlc(market: Market, one: Snapshot, query: Query, at: float) -> list[list[Any]]:
    """Stamped by the end of each candle. A missing parameter makes CoinGecko fail with 500."""
    if not query.text("vs_currency") or not query.text("days"):
        raise Refused(500, {"status": 500, "error": "Internal Server Error"})
    _require_currency(query)
    asked = query.text("days")
    if not asked.isdecimal() or int(asked) not in _OHLC:
        raise Refused(400, {"error": "Invalid days parameter"})
    interval, first = _OHLC[int(asked)], int(at) - int(asked) * DAY
    candles = market.candles(one.listing.coingecko_id, interval, first - interval, int(at), at)
    ends = (candles.open_times + interval) * 1000
    figures = np.stack([candles.open, candles.high, candles.low, candles.close], axis=1)
    return [[int(end), *map(number, row)] for end, row in zip(ends, figures.tolist(), strict=True)]
