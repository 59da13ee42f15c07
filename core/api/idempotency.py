"""Writes that happen once however often they are sent: `@idempotent()` on the method that handles them.

    class Alerts(APIView):
        @idempotent()
        @extend_schema(…)
        def post(self, request: Request) -> Response: …

The method runs in one transaction with the row that keeps its reply, so it must not wait for anything outside: what
calls out is a task, sent on commit. Where the answer is needed, name a function of view and request as `asking`: it
runs before the transaction, and what it returns goes to the method as `asked`. Only success is kept: a refused write
did nothing, and its key may be used again.
"""

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar

import structlog
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.envelope import EnvelopeRenderer
from core.api.errors import AWAY
from core.api.kept_replies import Claim, Kept, claim, keep, release, reply_of
from core.api.parsers import hold_body
from core.lib.clock import wall_now
from core.lib.errors import BadInput

log = structlog.get_logger(__name__)

HEADER = "Idempotency-Key"
_SANE = re.compile(r"[!-+\--~]{1,128}", re.ASCII)
"""Visible and without a comma, by which servers join a header that was sent twice."""
_MESSAGE = "Write 1 to 128 visible ASCII characters without a comma, such as a UUID, once."
_DESCRIPTION = (
    "Makes a repeat safe: for 24 hours the same key with the same body gets the first reply again, byte for byte; with"
    " another body, or while the first is still running, 409. A refused request keeps nothing."
)
Handler = TypeVar("Handler", bound=Callable[..., Any])


class _Refused(Exception):
    """Undoes the transaction of a method that returned its refusal instead of raising it."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def idempotent(
    *,
    required: bool = False,
    most_bytes: int | None = None,
    asking: Callable[[Any, Request], Any] | None = None,
) -> Callable[[Handler], Handler]:
    """Accepts a key from whoever is signed in; `required` refuses the write without one. `most_bytes` is for calls that
    take larger bodies than others.
    """

    def decorated(handler: Handler) -> Handler:
        @wraps(handler)
        def handled(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            owner = request.user.pk
            key = None if owner is None else _key_of(request, required)
            if owner is None or key is None:
                return handler(view, request, *args, **kwargs, **_asked(asking, view, request))
            held = claim(owner, key, _digest(request, most_bytes), wall_now())
            if isinstance(held, Kept):
                return _answer(held)
            try:
                asked = _asked(asking, view, request)
            except Exception:
                _let_go(held)
                raise
            return _once(held, lambda: handler(view, request, *args, **kwargs, **asked))

        return extend_schema(parameters=[_parameter(required)])(handled)  # type: ignore[return-value]  # same calls

    return decorated


def _asked(asking: Callable[[Any, Request], Any] | None, view: Any, request: Request) -> dict[str, Any]:
    return {} if asking is None else {"asked": asking(view, request)}


def _once(held: Claim, run: Callable[[], Response]) -> HttpResponse | Response:
    try:
        with transaction.atomic():
            reply = _kept(run())
            keep(held, reply)
    except _Refused as refused:
        _let_go(held)
        return refused.response
    except Exception as error:
        done = reply_of(held)
        if done is None:
            _let_go(held)
            raise
        # What failed came after the commit. The write stands, so it must not look undone.
        log.error("after_commit_failed", error=type(error).__name__, exc_info=error)
        return _answer(done)
    return _answer(reply)


def _let_go(held: Claim) -> None:
    with suppress(*AWAY):  # then the lease ends by itself
        release(held)


def _kept(response: Response) -> Kept:
    if response.status_code >= 400:
        raise _Refused(response)
    body = EnvelopeRenderer().render(response.data, renderer_context={"response": response})
    return Kept(response.status_code, dict(response.items()), body)


def _answer(kept: Kept) -> HttpResponse:
    """The same for the first request and its repeats. Its headers hold what the method said; limits, request id and the
    like are each reply's own."""
    headers = {**kept.headers, "Content-Type": EnvelopeRenderer.media_type}
    response = HttpResponse(kept.body, status=kept.status, headers=headers)
    if not kept.body:
        del response["Content-Type"]
    return response


def _key_of(request: Request, required: bool) -> str | None:
    key = request.headers.get(HEADER)
    if key is None and not required:
        return None
    if key is None:
        raise BadInput.at(HEADER, f"This needs a key. {_MESSAGE}")
    if not _SANE.fullmatch(key):
        raise BadInput.at(HEADER, _MESSAGE)
    return key


def _digest(request: Request, most_bytes: int | None = None) -> str:
    """What was asked, to the byte."""
    raw = request._request
    if most_bytes is not None:
        hold_body(raw, most_bytes)
    asked = hashlib.blake2b(f"{raw.method} {raw.get_full_path()}\n".encode(), digest_size=32)
    asked.update(raw.body)
    return asked.hexdigest()


def _parameter(required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        HEADER,
        {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-+\\--~]{1,128}$"},
        OpenApiParameter.HEADER,
        required=required,
        description=_DESCRIPTION,
    )
