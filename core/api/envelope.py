"""The one shape of every reply under /api/: success with data (and meta), or failure with an error."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from core.api import conditional
from core.api.errors import is_api, refusal_for, refused
from core.api.refusals import refusal_of_status
from core.api.rendering import rendered


def success_body(data: Any, meta: Mapping[str, Any] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"success": True, "data": data}
    if meta is not None:
        body["meta"] = meta
    return body


def success_bytes(data: Any, meta: Mapping[str, Any] | None = None) -> bytes:
    """What `answer` would send, for whoever renders ahead (see `core.api.hot`)."""
    return rendered(success_body(data, meta))


def answer(
    data: Any = None,
    meta: Mapping[str, Any] | None = None,
    status: int = 200,
    *,
    max_age: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Success. With `max_age` the reply is public and may be kept for so many seconds; without, nobody keeps
    it."""
    response = Response(success_body(data, meta), status=status, headers=dict(headers or {}))
    if max_age is not None:
        response["Cache-Control"] = conditional.public(max_age)
    return response


def nothing(status: int = 204) -> Response:
    """Done, and there is nothing to say."""
    return Response(status=status)


class EnvelopeRenderer(BaseRenderer):
    """orjson; whatever a view returned without an envelope gets one."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        if data is None and (response is None or response.status_code in (204, 304)):
            return b""
        return rendered(data if _is_enveloped(data) else _wrapped(data, response))


def _is_enveloped(data: Any) -> bool:
    return isinstance(data, Mapping) and isinstance(data.get("success"), bool)


def _wrapped(data: Any, response: Response | None) -> dict[str, Any]:
    if response is not None and response.status_code >= 400:
        return refusal_of_status(response.status_code).body()
    return success_body(data)


class EnvelopeMiddleware:
    """Sees to it that nothing leaves /api/ in another shape, whoever answered: Django, a middleware, a plain
    view."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer_async(request)
        return _finished(request, self._get_response(request))

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        return _finished(request, await self._get_response(request))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A plain view raised: answer like DRF's handler instead of with Django's page."""
        return refused(refusal_for(error)) if is_api(request.path_info) else None


def _finished(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if not is_api(request.path_info):
        return response
    if response.status_code >= 400 and not _is_json(response):
        response = _in_envelope(response)
    return conditional.finish(request, response)


def _is_json(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("application/json")


def _in_envelope(response: HttpResponseBase) -> HttpResponse:
    """The refusal that the status stands for, with every header and cookie that does not describe the old
    body."""
    wrapped = refused(refusal_of_status(response.status_code))
    for name, value in response.items():
        if name not in ("Content-Type", "Content-Length", "ETag"):
            wrapped.headers[name] = value
    wrapped.cookies.update(response.cookies)
    return wrapped
