"""How much body an ASGI server hands on: Django's handler writes all of it to disk before a view can refuse
it.

The proxy of the distributed form has the same bound; embedded there is no proxy.
"""

import re
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


def capped_asgi(
    app: Asgi, most_bytes: int = MOST_BYTES, files: tuple[re.Pattern[str], int] | None = None
) -> Asgi:
    """`app` for HTTP, which never sees more than `most_bytes`, or the other bound where the path is one that takes
    `files`. A body that says it is larger gets 413 at once; one that turns out to be larger (sent in chunks) ends for
    `app` as if the client had gone away, and gets it then.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        most = files[1] if files and files[0].fullmatch(scope["path"]) else most_bytes
        if _declared(scope) > most:
            await _refuse(scope, send, most)
            return
        body, reply = _Counted(receive, most), _Watched(send)
        await app(scope, body, reply)
        if body.is_too_large and not reply.has_begun:
            await _refuse(scope, send, most)

    return application


def _declared(scope: Scope) -> int:
    length = _header(scope, b"content-length")
    return int(length[:20]) if length.isascii() and length.isdigit() else 0


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


class _Counted:
    """The client's messages until there are too many bytes in them."""

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive, self._left = receive, most_bytes

    @property
    def is_too_large(self) -> bool:
        return self._left < 0

    async def __call__(self) -> dict[str, Any]:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_too_large else message


class _Watched:
    """Tells whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send, self.has_begun = send, False

    async def __call__(self, message: dict[str, Any]) -> None:
        self.has_begun = True
        await self._send(message)


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
