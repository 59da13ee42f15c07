"""What staff do goes into the audit log, in the transaction of the deed: who cannot be named does nothing."""

from collections.abc import Callable
from functools import cache
from typing import Protocol

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest
from django.utils.module_loading import import_string

_ELSEWHERE = {"cross-site", "same-site"}


class Log(Protocol):
    def __call__(self, request: HttpRequest, what: str, about: Model | None) -> None: ...


def note_deed(request: HttpRequest, what: str, about: Model | None = None) -> None:
    """One row, by `settings.STAFF_LOG`. Call it inside `transaction.atomic`, first of all: a deed that reaches further
    than the database must not be done before it is noted. Some deeds are links, so another site must not lead here."""
    if request.headers.get("Sec-Fetch-Site") in _ELSEWHERE:
        raise PermissionDenied("Another site led here. Do it on the page itself.")
    _log(settings.STAFF_LOG)(request, what, about)


def changed(names: list[str]) -> str:
    """Which fields a form changed; their values are in the row, and may be anybody's words."""
    return f"changed: {', '.join(names)}" if names else "saved as it was"


@cache
def _log(path: str) -> Log:
    found: Callable[..., None] = import_string(path)
    return found
