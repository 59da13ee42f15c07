"""Frames made once for many sockets: what the feed asks its server for beyond ASGI.

An ASGI application hands over text, and the server frames, copies and queues it for each socket, which costs more than
sending it. A server that offers this extension writes bytes that are a frame already.
"""

from collections.abc import Callable
from typing import Any

EXTENSION = "khalsi.ready_frames"

WriteReady = Callable[[bytes], bool]
"""Writes whole frames; False where nothing was written, since the reader is behind or gone."""

_TEXT = b"\x81"


def framed(text: str) -> bytes:
    """The bytes of a text frame from a server."""
    body = text.encode()
    size = len(body)
    if size < 126:
        return _TEXT + bytes([size]) + body
    if size < 1 << 16:
        return _TEXT + b"\x7e" + size.to_bytes(2, "big") + body
    return _TEXT + b"\x7f" + size.to_bytes(8, "big") + body


def write_ready_of(scope: dict[str, Any]) -> WriteReady | None:
    """How ready frames are written on this connection, where its server offers that."""
    offered = scope.get("extensions", {}).get(EXTENSION)
    return offered["write"] if offered else None
