"""Who sends an API request, by its bearer token: at most one query, shared by the limits and the view."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import Session, User
from accounts.selectors.sessions import live_session
from accounts.services.tokens import ACCESS, read
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn

PLAN_LIMITS = {User.Plan.FREE: 1_000, User.Plan.PRO: 10_000}
_REMEMBERED = "_khalsi_caller"


@dataclass(frozen=True)
class Caller:
    """The live session that a request belongs to, or why there is none."""

    session: Session | None = None
    refusal: str = ""


class BearerAuthentication(BaseAuthentication):
    """A bad credential is 401 even where none is needed: the app must learn that it is dead."""

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        found = _caller_of(request._request)
        if found.refusal:
            raise NotSignedIn(found.refusal)
        return (found.session.user, found.session) if found.session else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="khalsi"'


def caller(request: HttpRequest) -> tuple[str, int] | None:
    """Who the limits count, and how much they may; None where the address counts, as for a bad credential."""
    session = _caller_of(request).session
    return (f"user:{session.user_id}", PLAN_LIMITS[User.Plan(session.user.plan)]) if session else None


def _caller_of(request: HttpRequest) -> Caller:
    found: Caller | None = getattr(request, _REMEMBERED, None)
    if found is None:
        found = _find_caller(request.headers.get("Authorization"))
        setattr(request, _REMEMBERED, found)
    return found


def _find_caller(credential: str | None) -> Caller:
    if credential is None:
        return Caller()
    scheme, _, token = credential.strip().partition(" ")
    if scheme.lower() != "bearer":
        return Caller(refusal="Write `Authorization: Bearer` and an access token.")
    try:
        claims = read(token.strip(), ACCESS)
    except NotSignedIn as error:
        return Caller(refusal=error.message)
    session = live_session(session_id=claims.session_id, user_id=claims.user_id, now=wall_now())
    return Caller(session=session) if session else Caller(refusal="The session has ended. Log in again.")


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = BearerAuthentication
    name = "Bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
