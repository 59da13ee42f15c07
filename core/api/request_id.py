"""A request's id: the client's where it is a sane token, else made; on the reply, in every error and in the
logs."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.lib.ids import request_id

HEADER = "X-Request-ID"
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request that is being answered; "" outside of one."""
    return _current.get()


@contextmanager
def answering(identity: str) -> Iterator[None]:
    """While a request is answered, its id is known to errors and logs."""
    token = _current.set(identity)
    try:
        with structlog.contextvars.bound_contextvars(request_id=identity):
            yield
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Outermost: whatever answers, the id is known and put on the reply."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer_async(request)
        identity = request_id(request.META.get("HTTP_X_REQUEST_ID"))
        with answering(identity):
            return _stamped(cast(HttpResponseBase, self._get_response(request)), identity)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        identity = request_id(request.META.get("HTTP_X_REQUEST_ID"))
        with answering(identity):
            return _stamped(await self._get_response(request), identity)


def _stamped(response: HttpResponseBase, identity: str) -> HttpResponseBase:
    response.headers[HEADER] = identity
    return response
