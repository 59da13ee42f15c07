"""Answers to hot requests before Django is asked: the same status, headers and bytes as Django's own answer.

Django's handler costs 60 µs and more a request, and ten times that under ASGI; a dictionary costs a few.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.module_loading import import_string

from core.api.client_address import address_of
from core.api.conditional import NO_STORE, matches, public
from core.api.hot.frame import Headers, frame
from core.api.hot.keys import ROOT, key
from core.api.hot.ready import Ready
from core.api.hot.serving import takes_json
from core.api.hot.store import store
from core.api.limiter import Verdict
from core.api.rendering import rendered
from core.api.request_id import HEADER, answering
from core.api.standing import Answer, standings
from core.api.throttling import anonymous, count, limit_headers, limiter, too_many
from core.lib.ids import request_id

Environ = MutableMapping[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]

_READS = ("GET", "HEAD")
_LINES = {200: "200 OK", 304: "304 Not Modified", 429: "429 Too Many Requests"}


class Early(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


def in_front_wsgi(app: Wsgi) -> Wsgi:
    """`app` with an early answer to whatever is ready."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in _READS and environ["PATH_INFO"].startswith(ROOT):
            early = early_answer(environ)
            if early is not None:
                start_response(_LINES[early.status], early.headers)
                return [early.body]
        return app(environ, start_response)

    return application


def in_front_asgi(app: Asgi) -> Asgi:
    """The same for ASGI. Where store or limit ask Redis, a thread waits for it and not the event loop."""

    async def application(scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in _READS and scope["path"].startswith(ROOT):
            environ = _environ_of(scope)
            asks_redis = store().is_remote or limiter().is_remote
            early = await asyncio.to_thread(early_answer, environ) if asks_redis else early_answer(environ)
            if early is not None:
                await _sent(early, send)
                return
        await app(scope, receive, send)

    return application


def early_answer(environ: Environ) -> Early | None:
    """None where Django has to answer: nothing is ready, or a credential, an origin, a host or a format needs
    judging."""
    if "HTTP_ORIGIN" in environ:
        return None
    name = key(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
    ready = store().get(name) if name is not None else None
    if ready is None or not _is_plain(environ.get("HTTP_HOST", ""), environ.get("HTTP_ACCEPT", "")):
        return None
    lines = _header_lines(ready, _is_secure(environ))
    if lines is None:
        return None
    is_known, verdict = _counted(environ)
    return _judged(ready, lines, environ, verdict) if is_known else None


def _counted(environ: Environ) -> tuple[bool, Verdict | None]:
    """Whether an early answer will do for who asks, and the verdict where there are limits. A credential that is
    not known by heart is Django's to judge; nothing is counted then."""
    is_limited = settings.RATE_LIMIT_MAX > 0
    credential = environ.get("HTTP_AUTHORIZATION")
    if credential is not None:
        name = _naming(settings.API_CREDENTIAL_NAME)(credential)
        window = settings.RATE_LIMIT_WINDOW_SECONDS if is_limited else 0
        known = standings().ask(name, window, to_read=True) if name else Answer()
        return known.standing is not None and known.standing.reads, known.verdict
    if not is_limited:
        return True, None
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    address = address_of(environ.get("REMOTE_ADDR", ""), forwarded, settings.TRUSTED_PROXIES)
    return True, count(anonymous(address))


@cache
def _naming(path: str) -> Callable[[str], str | None]:
    """Says what a credential is known by; None for one that cannot be ours."""
    found: Callable[[str], str | None] = import_string(path)
    return found


def _judged(ready: Ready, lines: tuple[Headers, Headers], environ: Environ, verdict: Verdict | None) -> Early:
    identity = request_id(environ.get("HTTP_X_REQUEST_ID"))
    more = [(HEADER, identity)]
    if verdict is not None:
        more += limit_headers(verdict)
        if not verdict.allowed:
            with answering(identity):
                refusal = too_many(verdict)
                body = rendered(refusal.body())
            return Early(429, [*_refusal_lines(environ), *refusal.all_headers().items(), *more], body)
    if matches(environ.get("HTTP_IF_NONE_MATCH"), ready.etag):
        return Early(304, [*lines[1], *more], b"")
    return Early(200, [*lines[0], *more], b"" if environ["REQUEST_METHOD"] == "HEAD" else ready.body)


def _header_lines(ready: Ready, is_secure: bool) -> tuple[Headers, Headers] | None:
    """The fixed headers of the full reply and of its 304, made once for each entry."""
    made = ready.front
    if made is not None and made[0] is is_secure:
        return made[1]  # type: ignore[no-any-return]
    common = frame(is_secure)
    if common is None:
        return None
    short = (*common, ("ETag", ready.etag), ("Cache-Control", public(ready.max_age)))
    full = (*short, ("Content-Type", ready.content_type), ("Content-Length", str(len(ready.body))))
    ready.front = (is_secure, (full, short))
    return full, short


def _refusal_lines(environ: Environ) -> Headers:
    return (
        *(frame(_is_secure(environ)) or ()),
        ("Content-Type", "application/json"),
        ("Cache-Control", NO_STORE),
    )


@lru_cache(maxsize=1024)
def _is_plain(host: str, accept: str) -> bool:
    """A host of ours, and a client that takes JSON; everything else is Django's to refuse."""
    domain, _ = split_domain_port(host)
    allowed = settings.ALLOWED_HOSTS or (["localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    return validate_host(domain, allowed) and takes_json(accept)


def _is_secure(environ: Environ) -> bool:
    """As `HttpRequest.is_secure` tells it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure = settings.SECURE_PROXY_SSL_HEADER
        told = environ.get(name)
        if told is not None:
            return bool(told.split(",", 1)[0].strip() == secure)
    return bool(environ["wsgi.url_scheme"] == "https")


def _environ_of(scope: Scope) -> Environ:
    """What `early_answer` looks at, under the names of WSGI."""
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": scope["path"],
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0] or "",
        "wsgi.url_scheme": scope.get("scheme", "http"),
    }
    for name, value in scope["headers"]:
        header = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        environ[header] = f"{environ[header]},{text}" if header in environ else text
    return environ


async def _sent(early: Early, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in early.headers]
    await send({"type": "http.response.start", "status": early.status, "headers": headers})
    await send({"type": "http.response.body", "body": early.body})
