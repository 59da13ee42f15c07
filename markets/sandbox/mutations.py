"""Good replies made bad: what a fault does to a status or to the prices and times inside a payload."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson

from markets.sandbox.faults import Fault
from markets.sandbox.replies import Reply

DAY = 86_400
TEN_YEARS = 3653 * DAY
_NAN = "@not a number@"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_PRICES = {
    "current_price", "usd", "price", "high_24h", "low_24h",
    "lastPrice", "openPrice", "highPrice", "lowPrice",
}  # fmt: skip
_MOMENTS = {"last_updated", "last_updated_at", "openTime", "closeTime", "serverTime"}
_KLINE = 12
PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>"

Change = Callable[[Any], Any]


def failed(fault: Fault, target: str) -> Reply:
    """A status with the body that the provider gives it."""
    status = int(fault.fault)
    headers = {"Retry-After": str(fault.retry_after)} if status in (429, 418, 503) else {}
    return Reply((_coingecko if target == "coingecko" else _binance)(status), status, headers)


def _coingecko(status: int) -> dict[str, Any]:
    if status == 429:
        message = "You've exceeded the Rate Limit. Please visit https://www.coingecko.com/en/api/pricing"
        return {"status": {"error_code": 429, "error_message": message}}
    return {"status": status, "error": "Internal Server Error" if status == 500 else "Service Unavailable"}


def _binance(status: int) -> dict[str, Any]:
    if status in (429, 418):
        return {"code": -1003, "msg": "Too many requests; please use the websocket for live updates."}
    if status == 451:
        place = "Service unavailable from a restricted location according to 'b. Eligibility'"
        return {"code": 0, "msg": place}
    return {"code": -1000, "msg": "An unknown error occurred while processing the request."}


def spoil(fault: Fault, payload: Any) -> bytes:
    """The JSON text of a payload with the fault in it. Payloads of other faults pass unharmed."""
    match fault.fault:
        case "wrong_shape":
            return orjson.dumps({"data": payload} if isinstance(payload, list) else [payload])
        case "empty":
            return b"[]" if isinstance(payload, list) else b"{}"
        case "duplicate_keys":
            return _twice(payload)
        case "nan":
            text = orjson.dumps(_walk(payload, lambda price: "NaN" if isinstance(price, str) else _NAN))
            return text.replace(f'"{_NAN}"'.encode(), b"NaN")
        case "nulls":
            return orjson.dumps(_walk(payload, lambda price: None))
        case "negative_price":
            return orjson.dumps(_walk(payload, lambda price: _times(price, -1)))
        case "zero_price":
            return orjson.dumps(_walk(payload, lambda price: _times(price, 0)))
        case "absurd_price":
            return orjson.dumps(_walk(payload, lambda price: _times(price, 1000), every=2))
        case "future_time":
            return orjson.dumps(_walk(payload, _same, _later))
        case "past_time":
            return orjson.dumps(_walk(payload, _same, _earlier, fall=True))
    return orjson.dumps(payload)


def _same(value: Any) -> Any:
    return value


def _times(price: Any, factor: float) -> Any:
    """Numbers, and texts that are numbers; CoinGecko keeps dates under `usd` too, which stay as they are."""
    if isinstance(price, str) and _NUMBER.fullmatch(price):
        return f"{float(price) * factor:.8f}"
    return price * factor if isinstance(price, int | float) else price


def _later(moment: Any) -> Any:
    return _shift(moment, DAY)


def _earlier(moment: Any) -> Any:
    return _shift(moment, -DAY)


def _shift(moment: Any, seconds: int) -> Any:
    """A time in milliseconds, seconds or ISO 8601, in the same writing."""
    if isinstance(moment, int | float):
        return moment + seconds * (1000 if moment > 1e11 else 1)
    if isinstance(moment, str):
        return (
            (datetime.fromisoformat(moment) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
        )
    return moment


def _is_row(value: Any) -> bool:
    """A candle or a point: a list that begins with milliseconds."""
    return isinstance(value, list) and len(value) > 1 and isinstance(value[0], int) and value[0] > 1e11


def _walk(payload: Any, price: Change, moment: Change = _same, every: int = 1, fall: bool = False) -> Any:
    """The payload with every price and time changed; of rows every `every`th price, and `fall`ing if told
    so.
    """
    if isinstance(payload, list):
        if payload and _is_row(payload[0]):
            rows = [
                _row(row, price if i % every == 0 else _same, moment, fall) for i, row in enumerate(payload)
            ]
            return rows[::-1] if fall else rows
        return [_walk(item, price, moment, every, fall) for item in payload]
    if not isinstance(payload, dict):
        return payload
    changed = {}
    for key, value in payload.items():
        if key in _PRICES and not isinstance(value, dict | list):
            changed[key] = price(value)
        elif key in _MOMENTS:
            changed[key] = moment(value)
        else:
            changed[key] = _walk(value, price, moment, every, fall)
    return changed


def _row(row: list[Any], price: Change, moment: Change, fall: bool) -> list[Any]:
    last_price = min(5, len(row))
    spoilt = [row[0], *(price(value) for value in row[1:last_price]), *row[last_price:]]
    if moment is not _same and not fall:
        spoilt[0] += TEN_YEARS * 1000
        if len(row) == _KLINE:
            spoilt[6] += TEN_YEARS * 1000
    return spoilt


def _twice(payload: Any) -> bytes:
    if isinstance(payload, list):
        parts = []
        for item in payload:
            parts.append(_twice(item))
            if _is_row(item):
                parts.append(orjson.dumps([*item[:-1], None]))
        return b"[" + b",".join(parts) + b"]"
    if not isinstance(payload, dict):
        return orjson.dumps(payload)
    pairs = [orjson.dumps(key) + b":" + _twice(value) for key, value in payload.items()]
    prices = [key for key in payload if key in _PRICES]
    for key in prices[:1]:
        pairs.append(orjson.dumps(key) + b":" + orjson.dumps(_times(payload[key], 7)))
    return b"{" + b",".join(pairs) + b"}"
