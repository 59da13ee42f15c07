"""What a refusal says: status, code, a message for people, and the fields at fault. The codes of the contract
stand here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.api.request_id import current_request_id
from core.lib.errors import FieldError

RETRY_SECONDS = 5
"""How soon a client may ask again where the database or the cache is away and nobody can say better."""

_BY_STATUS = {
    400: ("VALIDATION_ERROR", "The request cannot be understood."),
    401: ("UNAUTHORIZED", "Sign in first, or send a valid credential."),
    403: ("FORBIDDEN", "You may not do this."),
    404: ("NOT_FOUND", "There is nothing at this address; /api/docs/ lists what there is."),
    405: (
        "METHOD_NOT_ALLOWED",
        "This address does not know this method; the Allow header lists what it knows.",
    ),
    406: ("NOT_ACCEPTABLE", "The reply can only be JSON; accept application/json."),
    409: ("CONFLICT", "This does not fit the present state."),
    413: ("PAYLOAD_TOO_LARGE", "The body is too large."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json."),
    422: ("INSUFFICIENT_DATA", "There is not enough history for this."),
    429: ("RATE_LIMITED", "Too many requests; wait as long as Retry-After says."),
    500: ("INTERNAL_ERROR", "Something went wrong on our side; the request id helps us find it."),
    503: ("SERVICE_UNAVAILABLE", "Khalsi cannot answer for a moment; try again soon."),
}


@dataclass(frozen=True)
class Refusal:
    status: int
    code: str
    message: str
    details: tuple[FieldError, ...] = ()
    retry_after: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The failure envelope. `details` is there only where a field is at fault."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = [{"field": at.field, "message": at.message} for at in self.details]
        if self.status == 429 and self.retry_after is not None:
            error["retry_after"] = self.retry_after
        error["request_id"] = current_request_id()
        return {"success": False, "error": error}

    def all_headers(self) -> dict[str, str]:
        headers = dict(self.headers)
        if self.status == 401:
            headers.setdefault("WWW-Authenticate", 'Bearer realm="api"')
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return headers


def refusal_of_status(status: int, message: str = "", **more: Any) -> Refusal:
    """The refusal that a bare status stands for; an unlisted one takes the code of its hundred."""
    code, usual = _BY_STATUS.get(status) or _BY_STATUS[400 if status < 500 else 500]
    if status == 503:
        more.setdefault("retry_after", RETRY_SECONDS)
    return Refusal(status, code, message or usual, **more)
