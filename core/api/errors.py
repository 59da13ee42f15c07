"""Every refusal passes here: whatever was raised becomes one status, one code and a message for people.

`handle` is DRF's exception handler; `bad_request`, `permission_denied`, `page_not_found` and `server_error`
are Django's four handlers (named in the root URLconf), which answer in the envelope under /api/ and with a
page elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import ceil
from typing import Any

import redis.exceptions
import structlog
from django.core import exceptions as django_errors
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views import defaults
from kombu.exceptions import OperationalError as BrokerAway
from rest_framework import exceptions as drf
from rest_framework.response import Response

from core.api.refusals import Refusal, refusal_of_status
from core.api.rendering import rendered
from core.lib.errors import FieldError, KhalsiError, SourceFailure, TooMany

log = structlog.get_logger(__name__)

AWAY = (
    OperationalError,
    InterfaceError,
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    BrokerAway,
)
"""Database, cache or broker cannot be reached: nobody's bug, so 503 and try again."""

# DRF's messages for these repeat what was sent; the contract says that details never do.
_ECHOING = {
    "invalid_choice": "This is not one of the possible values.",
    "does_not_exist": "There is no such object.",
    "invalid_unicode": "This is not valid text.",
}
_QUOTED = "This is not in the right form."


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: an answer for everything, so nothing reaches Django's own pages."""
    refusal = refusal_for(error)
    return Response(refusal.body(), status=refusal.status, headers=refusal.all_headers())


def refused(refusal: Refusal) -> HttpResponse:
    """The refusal as a plain reply, for whoever answers outside of DRF."""
    body = rendered(refusal.body())
    return HttpResponse(
        body, status=refusal.status, content_type="application/json", headers=refusal.all_headers()
    )


def refusal_for(error: BaseException) -> Refusal:
    """What `error` says to the outside. A bug says nothing but its request id, and is logged in full."""
    if isinstance(error, KhalsiError):
        return _own(error)
    if isinstance(error, drf.ValidationError):
        return _invalid(field_errors(error))
    if isinstance(error, django_errors.ValidationError):
        return _invalid(tuple(_django_fields(error)))
    if isinstance(error, drf.APIException):
        return _of_drf(error)
    if isinstance(error, AWAY):
        log.warning("service_away", error=type(error).__name__)
        return refusal_of_status(503)
    for known, status in _STATUS_OF.items():
        if isinstance(error, known):
            return refusal_of_status(status)
    log.error("request_failed", error=type(error).__name__, exc_info=error)
    return refusal_of_status(500)


_STATUS_OF: dict[type[BaseException], int] = {
    Http404: 404,
    django_errors.PermissionDenied: 403,
    django_errors.RequestDataTooBig: 413,
    django_errors.SuspiciousOperation: 400,
    django_errors.BadRequest: 400,
    UnreadablePostError: 400,
}


def _own(error: KhalsiError) -> Refusal:
    if error.status >= 500 and not isinstance(error, SourceFailure):
        log.error("request_failed", error=type(error).__name__, exc_info=error)
    if error.status == 500:
        return refusal_of_status(500)
    message = error.message or refusal_of_status(error.status).message
    wait = getattr(error, "retry_after", None)
    if wait is None and error.status == 503 and not isinstance(error, SourceFailure):
        wait = refusal_of_status(503).retry_after
    if isinstance(error, TooMany):
        wait = max(error.retry_after, 1)
    return Refusal(error.status, error.code, message, error.details, None if wait is None else ceil(wait))


def _of_drf(error: drf.APIException) -> Refusal:
    wait = getattr(error, "wait", None)
    more: dict[str, Any] = {} if wait is None else {"retry_after": max(ceil(wait), 1)}
    # DRF turns a missing credential into 403 where it has no challenge to offer; the contract says 401.
    if isinstance(error, (drf.NotAuthenticated, drf.AuthenticationFailed)):
        return refusal_of_status(401)
    return refusal_of_status(error.status_code, **more)


def _invalid(details: tuple[FieldError, ...]) -> Refusal:
    return refusal_of_status(400, summary(details), details=details)


def summary(details: tuple[FieldError, ...]) -> str:
    """One line that names the fields at fault."""
    return f"Please check: {', '.join(sorted({at.field for at in details}))}." if details else ""


def field_errors(error: drf.ValidationError) -> tuple[FieldError, ...]:
    """What a serializer found, field by field, without the values that were sent."""
    return tuple(_fields(error.detail))


def _fields(detail: Any, path: str = "") -> Iterator[FieldError]:
    """DRF's nested messages as a flat list with dotted fields; what concerns the whole is at `body`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _fields(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = f"{path}.{index}" if path else str(index)
            yield from _fields(inner, nested if isinstance(inner, (dict, list)) else path)
    else:
        yield FieldError(path or "body", _safe(detail))


def _safe(detail: Any) -> str:
    message = _ECHOING.get(getattr(detail, "code", ""), str(detail))
    # DRF quotes a value with straight double quotes; own messages show examples in other words.
    return _QUOTED if message.startswith(("“", '"')) else message


def _django_fields(error: django_errors.ValidationError) -> Iterator[FieldError]:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, messages in by_field.items():
        at = "body" if name in ("", django_errors.NON_FIELD_ERRORS) else name
        yield from (FieldError(at, message) for message in messages)


def is_api(path: str) -> bool:
    return path.startswith("/api/") or path == "/api"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request.path_info):
        return refused(refusal_for(exception))
    return _page(400, partial(defaults.bad_request, request, exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request.path_info):
        return refused(refusal_of_status(403))
    return _page(403, partial(defaults.permission_denied, request, exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request.path_info):
        return refused(refusal_of_status(404))
    return _page(404, partial(defaults.page_not_found, request, exception))


def server_error(request: HttpRequest) -> HttpResponse:
    if is_api(request.path_info):
        return refused(refusal_of_status(500))
    return _page(500, partial(defaults.server_error, request))


def _page(status: int, render: Callable[[], HttpResponse]) -> HttpResponse:
    """The error page, or a bare one where its template fails too: an error page must not make another
    error."""
    try:
        return render()
    except Exception as error:  # whatever is wrong with the template, the visitor still learns the status
        log.error("error_page_failed", status=status, error=type(error).__name__, exc_info=error)
        message = refusal_of_status(status).message
        return HttpResponse(f"<!doctype html><title>{status}</title><h1>{message}</h1>", status=status)
