"""A view whose replies may be kept: it is asked only when there are no ready bytes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache, wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.module_loading import import_string

from core.api import conditional
from core.api.hot.keys import key, parameters_of
from core.api.hot.ready import Ready
from core.api.hot.store import store
from core.lib.clock import wall_now

View = Callable[..., HttpResponseBase]
R = TypeVar("R", bound=HttpResponseBase)


@dataclass(frozen=True)
class HotFor:
    """How long a reply stays true, in wall time, and how many seconds a client may use it without asking
    again."""

    until: datetime
    max_age: int = 5


def keep(response: R, *, until: datetime | None = None, seconds: float | None = None, max_age: int = 5) -> R:
    """Mark a view's reply as fit to be kept: `until` a wall time, or for so many `seconds`, whichever is
    sooner."""
    ends = [until] if until else []
    if seconds is not None:
        ends.append(wall_now() + timedelta(seconds=seconds))
    response.hot = HotFor(min(ends), max_age)  # type: ignore[attr-defined]  # read by `serve` alone
    return response


def serve(view: View, *, parameters: Collection[str] | None = None) -> View:
    """`view` behind ready bytes. Its replies must be the same for everybody.

    `parameters` are the query parameters it knows; a request with others is answered and not kept, so that
    made-up ones cannot fill the store.
    """

    @wraps(view)
    def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        name = _key_of(request, parameters)
        if name is None:
            return view(request, *args, **kwargs)
        ready = None if _needs_judging(request) else store().get(name)
        if ready is not None:
            return reply(ready)
        since = store().moment()  # before the view reads anything
        return _kept(name, view(request, *args, **kwargs), since)

    return served


def _needs_judging(request: HttpRequest) -> bool:
    """A bad credential, or a format that there isn't, is refused by the view alone."""
    if "HTTP_AUTHORIZATION" in request.META and not _may_read(settings.API_MAY_READ)(request):
        return True
    return not takes_json(request.META.get("HTTP_ACCEPT", ""))


@cache
def _may_read(path: str) -> Callable[[HttpRequest], bool]:
    """Says whether who sends a request is known and may read what is public."""
    found: Callable[[HttpRequest], bool] = import_string(path)
    return found


@lru_cache(maxsize=256)
def takes_json(accept: str) -> bool:
    kinds = [kind.partition(";")[0].strip() for kind in accept.split(",")]
    return not accept or "*/*" in kinds or "application/json" in kinds


def _key_of(request: HttpRequest, parameters: Collection[str] | None) -> str | None:
    if request.method not in ("GET", "HEAD"):
        return None
    name = key(request.path_info, request.META.get("QUERY_STRING", ""))
    if name is None or (parameters is not None and not parameters_of(name) <= set(parameters)):
        return None
    return name


def _kept(name: str, response: HttpResponseBase, since: int | None) -> HttpResponseBase:
    hot: HotFor | None = getattr(response, "hot", None)
    if hot is None or response.status_code != 200 or not isinstance(response, HttpResponse):
        return response
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    kind = response.headers["Content-Type"]
    if since is None:
        return reply(Ready(response.content, conditional.etag_of(response.content), kind, 0.0, hot.max_age))
    return reply(store().put(name, response.content, hot.until, hot.max_age, content_type=kind, since=since))


def reply(ready: Ready) -> HttpResponse:
    """Django's answer with ready bytes; `core.api.hot.front` gives the same one without Django."""
    headers = {"ETag": ready.etag, "Cache-Control": conditional.public(ready.max_age)}
    return HttpResponse(ready.body, content_type=ready.content_type, headers=headers)
