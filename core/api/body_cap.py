"""How much body an ASGI server hands on: Django's handler writes all of it to disk before a view can refuse
it.

The proxy of the distributed form has the same bound; embedded there is no proxy.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from core.api.errors import is_api
from core.api.refusals import refusal_of_status
from core.api.rendering import rendered
from core.api.request_id import HEADER, answering
from core.lib.ids import request_id

MOST_BYTES = 1024 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


def capped_asgi(app: Asgi, most_bytes: int = MOST_BYTES) -> Asgi:
    """`app` for HTTP, which never sees more than `most_bytes`. A body that says it is larger gets 413; one
    that turns out to be larger (sent in chunks) ends as if the client had gone away."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif _declared(scope) > most_bytes:
            await _refuse(scope, send, most_bytes)
        else:
            await app(scope, _counting(receive, most_bytes), send)

    return application


def _declared(scope: Scope) -> int:
    length = _header(scope, b"content-length")
    return int(length[:20]) if length.isascii() and length.isdigit() else 0


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _counting(receive: Receive, most_bytes: int) -> Receive:
    seen = 0

    async def counted() -> dict[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return message if seen <= most_bytes else {"type": "http.disconnect"}

    return counted


async def _refuse(scope: Scope, send: Send, most_bytes: int) -> None:
    identity = request_id(_header(scope, b"x-request-id"))
    with answering(identity):
        refusal = refusal_of_status(413, f"The body is larger than {most_bytes} bytes.")
        body, kind = rendered(refusal.body()), b"application/json"
    if not is_api(scope["path"]):
        body, kind = refusal.message.encode(), b"text/plain; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        (HEADER.lower().encode(), identity.encode()),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
