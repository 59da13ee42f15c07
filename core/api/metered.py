"""Around everything that answers HTTP: each request is counted with its status and the time until it was answered."""

import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from core.api.meter import meter

Wsgi = Callable[..., Iterable[bytes]]
Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]
_BROKEN = 500


def metered_wsgi(app: Wsgi) -> Wsgi:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, status = time.perf_counter(), _BROKEN

        def start(line: str, *more: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, *more)

        try:
            return app(environ, start)
        finally:
            meter().count(environ["PATH_INFO"], status, time.perf_counter() - began)

    return application


def metered_asgi(app: Asgi) -> Asgi:
    async def application(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        began, status = time.perf_counter(), _BROKEN

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, sending)
        finally:
            meter().count(scope["path"], status, time.perf_counter() - began)

    return application
