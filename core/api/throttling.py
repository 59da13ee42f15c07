"""The request limit of the API, counted before DRF: who asks, how much that is, and the three headers."""

import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from core.api.client_address import client_address
from core.api.errors import AWAY, is_api, refused
from core.api.limiter import Limiter, MemoryLimiter, RedisLimiter, Verdict
from core.api.refusals import Refusal
from core.api.tally import Minute
from core.lib.errors import KhalsiError
from core.net.redis_link import RedisLink

UNLIMITED = ("/api/v1/health",)
"""Whoever watches Khalsi must not be kept out by asking often."""

Caller = tuple[str, int]
"""Who is counted, and how many requests a window holds."""


@cache
def redis_link() -> RedisLink | None:
    """The one link of this process; None in the embedded form."""
    return RedisLink(settings.REDIS_URL) if settings.REDIS_URL else None


@cache
def limiter() -> Limiter:
    link = redis_link()
    return RedisLimiter(link, settings.KEY_PREFIX) if link else MemoryLimiter()


def anonymous(address: str) -> Caller:
    return f"address:{address}", settings.RATE_LIMIT_MAX


@cache
def _identify(path: str) -> Callable[[HttpRequest], Caller | Verdict | None]:
    found: Callable[[HttpRequest], Caller | Verdict | None] = import_string(path)
    return found


def caller_of(request: HttpRequest) -> Caller | Verdict:
    """Who asks, as `settings.API_CALLER` knows, or the verdict where asking has counted it; by address where it
    knows nobody, refuses, or cannot say now."""
    path = getattr(settings, "API_CALLER", "")
    try:
        known = _identify(path)(request) if path else None
    except (KhalsiError, *AWAY):
        known = None  # a bad credential is refused by authentication, and counts against its address
    return known or anonymous(client_address(request))


def is_limited(path: str) -> bool:
    return settings.RATE_LIMIT_MAX > 0 and is_api(path) and not path.startswith(UNLIMITED)


def count(caller: Caller | Verdict) -> Verdict:
    if isinstance(caller, Verdict):
        return caller
    key, limit = caller
    return limiter().hit(key, limit, settings.RATE_LIMIT_WINDOW_SECONDS, time.monotonic())


def tallies(hours: int = 3) -> list[Minute]:
    """Requests that passed and were refused, by minute and scope, oldest first; at most 24 hours back."""
    return limiter().tally.read(hours)


def limit_headers(verdict: Verdict) -> list[tuple[str, str]]:
    return [
        ("X-RateLimit-Limit", str(verdict.limit)),
        ("X-RateLimit-Remaining", str(verdict.remaining)),
        ("X-RateLimit-Reset", str(verdict.reset)),
    ]


def too_many(verdict: Verdict) -> Refusal:
    minutes = settings.RATE_LIMIT_WINDOW_SECONDS / 60
    message = f"More than {verdict.limit} requests in {minutes:g} minutes; wait {verdict.reset} seconds."
    return Refusal(429, "RATE_LIMITED", message, retry_after=verdict.reset)


class LimitMiddleware:
    """Refuses what is over the limit before anything else is done for it, and says on every reply how much is
    left."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer_async(request)
        if not is_limited(request.path_info):
            return self._get_response(request)  # type: ignore[no-any-return]
        verdict = count(caller_of(request))
        return _marked(
            self._get_response(request) if verdict.allowed else refused(too_many(verdict)), verdict
        )

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        if not is_limited(request.path_info):
            return await self._get_response(request)  # type: ignore[no-any-return]
        verdict = await sync_to_async(_counted)(request)
        return _marked(
            await self._get_response(request) if verdict.allowed else refused(too_many(verdict)), verdict
        )


def _counted(request: HttpRequest) -> Verdict:
    return count(caller_of(request))


def _marked(response: HttpResponseBase, verdict: Verdict) -> HttpResponseBase:
    for name, value in limit_headers(verdict):
        response.headers[name] = value
    return response
