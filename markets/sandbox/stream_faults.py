"""Good messages of a stream made bad, and connections that end badly."""

from typing import Any

import orjson

from markets.sandbox.faults import Fault
from markets.sandbox.mutations import PAGE
from markets.sandbox.websocket import BINARY, TEXT, Closed, Connection

GOING_AWAY = 1001
DAY_MS = 86_400_000
OVERSIZED = b" " * (2 << 20)
_PRICES = ("c", "o", "h", "l")


def misbehave(connection: Connection, fault: Fault, messages: list[bytes]) -> None:
    """Send these messages as the fault wants it. Raises Closed where the connection ends with it."""
    match fault.fault:
        case "silence":
            pass
        case "hang_up":
            raise Closed(None)
        case "half_frame":
            connection.send_half(messages[0])
            raise Closed(None)
        case "close":
            raise Closed(GOING_AWAY)
        case "shutdown":
            connection.send(orjson.dumps({"e": "serverShutdown", "E": 0}))
            raise Closed(GOING_AWAY)
        case "no_pings":
            connection.is_deaf = True
            _send(connection, messages)
        case "binary":
            for message in messages:
                connection.send(message, BINARY)
        case _:
            _send(connection, spoiled(fault.fault, messages))


def _send(connection: Connection, messages: list[bytes]) -> None:
    for message in messages:
        connection.send(message, TEXT)


def spoiled(fault: str, messages: list[bytes]) -> list[bytes]:
    match fault:
        case "html":
            return [PAGE for _ in messages]
        case "truncated":
            return [message[: len(message) * 2 // 3] for message in messages]
        case "wrong_shape":
            return [b"[" + message + b"]" for message in messages]
        case "oversized":
            return [message[:-1] + OVERSIZED + b"}" for message in messages]
        case "duplicate":
            return [message for message in messages for _ in range(2)]
        case "duplicate_keys":
            return [message.replace(b'"c":', b'"c":"7","c":', 1) for message in messages]
        case "nan":
            return [orjson.dumps(_changed(message, c="@")).replace(b'"@"', b"NaN") for message in messages]
        case "wrong_symbol":
            return [orjson.dumps(_changed(message, s=_another(message))) for message in messages]
    return [orjson.dumps(_walked(fault, message)) for message in messages]


def _walked(fault: str, message: bytes) -> Any:
    data = _data(orjson.loads(message))
    match fault:
        case "nulls":
            return _changed(message, c=None)
        case "negative_price":
            return _changed(message, **_times(data, -1))
        case "zero_price":
            return _changed(message, **_times(data, 0))
        case "absurd_price":
            return _changed(message, **_times(data, 1000))
        case "past_time":
            return _changed(message, E=data["E"] - DAY_MS)
        case "future_time":
            return _changed(message, E=data["E"] + DAY_MS)
    return orjson.loads(message)


def _times(data: dict[str, Any], factor: float) -> dict[str, Any]:
    """All four prices, so that the message agrees with itself."""
    known = {name: data.get(name) for name in _PRICES}
    return {name: value and f"{float(value) * factor:.8f}" for name, value in known.items()}


def _another(message: bytes) -> str:
    """A pair that exists, so that its price would be believed."""
    return "ETHUSDT" if _data(orjson.loads(message)).get("s") != "ETHUSDT" else "BTCUSDT"


def _changed(message: bytes, **values: Any) -> Any:
    body = orjson.loads(message)
    _data(body).update(values)
    return body


def _data(body: Any) -> dict[str, Any]:
    """The event inside; what has no such shape passes unharmed."""
    event = body.get("data", body) if isinstance(body, dict) else {}
    return event if isinstance(event, dict) else {}
