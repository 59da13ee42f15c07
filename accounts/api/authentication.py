"""Who sends an API request, by bearer token or API key: at most one query, shared by the limits and the view."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import ApiKey, Session, User
from accounts.selectors.sessions import live_session
from accounts.services.api_keys import find_api_key
from accounts.services.tokens import ACCESS, read
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn

PLAN_LIMITS = {User.Plan.FREE: 1_000, User.Plan.PRO: 10_000}
_REMEMBERED = "_khalsi_caller"


@dataclass(frozen=True)
class Caller:
    """The live session or the key that a request belongs to, or why there is none."""

    credential: Session | ApiKey | None = None
    refusal: str = ""


class BearerAuthentication(BaseAuthentication):
    """A bad credential is 401 even where none is needed: the app must learn that it is dead."""

    def authenticate(self, request: Request) -> tuple[User, Session | ApiKey] | None:
        found = _caller_of(request._request)
        if found.refusal:
            raise NotSignedIn(found.refusal)
        return (found.credential.user, found.credential) if found.credential else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="khalsi"'


def caller(request: HttpRequest) -> tuple[str, int] | None:
    """Who the limits count, and how much they may; None where the address counts, as for a bad credential."""
    known = _caller_of(request).credential
    return (f"user:{known.user_id}", PLAN_LIMITS[User.Plan(known.user.plan)]) if known else None


def _caller_of(request: HttpRequest) -> Caller:
    found: Caller | None = getattr(request, _REMEMBERED, None)
    if found is None:
        found = _find_caller(request.headers.get("Authorization"))
        setattr(request, _REMEMBERED, found)
    return found


def _find_caller(header: str | None) -> Caller:
    if header is None:
        return Caller()
    scheme, _, text = header.strip().partition(" ")
    find = _SCHEMES.get(scheme.lower())
    if find is None:
        return Caller(refusal="Write `Authorization: Bearer` and an access token, or `Api-Key` and a key.")
    try:
        return Caller(credential=find(text.strip(), wall_now()))
    except NotSignedIn as error:
        return Caller(refusal=error.message)


def _session_of(token: str, now: datetime) -> Session:
    claims = read(token, ACCESS)
    session = live_session(session_id=claims.session_id, user_id=claims.user_id, now=now)
    if session is None:
        raise NotSignedIn("The session has ended. Log in again.")
    return session


_SCHEMES: dict[str, Callable[[str, datetime], Session | ApiKey]] = {
    "bearer": _session_of,
    "api-key": find_api_key,
}


class CredentialScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names them."""

    target_class = BearerAuthentication
    name = ["Bearer", "ApiKey"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        key = "`Api-Key` and a key of yours"
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": key},
        ]
