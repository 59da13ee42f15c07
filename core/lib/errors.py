"""The family of errors that Khalsi raises on purpose; each names a broken promise and knows its code in the API.

KhalsiError
├── BadInput                     400 VALIDATION_ERROR, with the fields at fault
│   └── AddressRefused           a URL that a user named leads where none may lead
├── NotSignedIn                  401 UNAUTHORIZED
├── NotAllowed                   403 FORBIDDEN
│   └── EmailNotVerified         403 EMAIL_NOT_VERIFIED
├── NotFound                     404 NOT_FOUND
├── Conflict                     409 CONFLICT
├── TooLarge                     413 PAYLOAD_TOO_LARGE
├── NotEnoughHistory             422 INSUFFICIENT_DATA
├── TooMany                      429 RATE_LIMITED, with the seconds to wait
├── SourceFailure                503 SOURCE_UNAVAILABLE; says whether it is permanent
│   ├── SourceUnavailable        later will do: timeout, 429, 5xx; may carry retry_after
│   ├── SourceMisconfigured      key, plan or address are wrong; a person must act
│   ├── ReplyRefused             the reply made no sense; nothing of it was stored
│   └── BudgetSpent              the plan's calls are used up for now
├── ServiceUnavailable           503 SERVICE_UNAVAILABLE: database or cache away
└── ArtifactRefused              500: a trained engine that is wrong, foreign or tampered with
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One field at fault and what to do about it; never the value that was sent."""

    field: str
    message: str


class KhalsiError(Exception):
    """`message` is for people: what happened, to what, and what to do."""

    status = 500
    code = "INTERNAL_ERROR"

    def __init__(self, message: str = "", *, details: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class BadInput(KhalsiError):
    status, code = 400, "VALIDATION_ERROR"

    @classmethod
    def at(cls, field: str, message: str) -> "BadInput":
        return cls(f"{field}: {message}", details=(FieldError(field, message),))


class NotSignedIn(KhalsiError):
    status, code = 401, "UNAUTHORIZED"


class NotAllowed(KhalsiError):
    status, code = 403, "FORBIDDEN"


class EmailNotVerified(NotAllowed):
    """Told to whoever proved to be the owner, so that nobody else learns whether the address has an account."""

    code = "EMAIL_NOT_VERIFIED"


class NotFound(KhalsiError):
    status, code = 404, "NOT_FOUND"


class Conflict(KhalsiError):
    status, code = 409, "CONFLICT"


class TooLarge(KhalsiError):
    status, code = 413, "PAYLOAD_TOO_LARGE"


class NotEnoughHistory(KhalsiError):
    status, code = 422, "INSUFFICIENT_DATA"


class TooMany(KhalsiError):
    status, code = 429, "RATE_LIMITED"

    def __init__(self, message: str = "", *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceFailure(KhalsiError):
    status, code = 503, "SOURCE_UNAVAILABLE"
    permanent = False

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceUnavailable(SourceFailure):
    """Later will do; `retry_after` is in seconds where the source named a time."""


class SourceMisconfigured(SourceFailure):
    permanent = True


class ReplyRefused(SourceFailure):
    """The reply was whole but made no sense, so nothing of it was stored."""


class BudgetSpent(SourceFailure):
    """The plan's calls are used up; `retry_after` says when there are some again."""


class ServiceUnavailable(KhalsiError):
    status, code = 503, "SERVICE_UNAVAILABLE"


class ArtifactRefused(KhalsiError):
    """A trained engine whose file is damaged, foreign or made for other definitions."""
