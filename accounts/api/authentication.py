"""Who sends an API request, by bearer token or API key: known and counted in one round trip, or by one query."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.api.credentials import Credential, reads, recalled, recognise, standing_name, standing_of
from accounts.models import User
from core.api.errors import AWAY
from core.api.limiter import Verdict
from core.api.standing import Answer, counted_as, standings
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn

PLAN_LIMITS = {User.Plan.FREE: 1_000, User.Plan.PRO: 10_000}
_REMEMBERED = "_khalsi_caller"


@dataclass(frozen=True)
class Caller:
    """The live session or the key that a request belongs to, or why there is none; counted where it has a
    verdict."""

    credential: Credential | None = None
    refusal: str = ""
    verdict: Verdict | None = None


class BearerAuthentication(BaseAuthentication):
    """A bad credential is 401 even where none is needed: the app must learn that it is dead."""

    def authenticate(self, request: Request) -> tuple[User, Credential] | None:
        found = _caller_of(request._request, counting=False)
        if found.refusal:
            raise NotSignedIn(found.refusal)
        return (found.credential.user, found.credential) if found.credential else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="khalsi"'


def caller(request: HttpRequest) -> Verdict | tuple[str, int] | None:
    """The verdict of the limits where asking who it is has counted it; else who they count, and how much they may;
    None where the address counts, as for a bad credential."""
    found = _caller_of(request, counting=True)
    if found.verdict or not found.credential:
        return found.verdict
    user = found.credential.user
    return counted_as(str(user.pk)), PLAN_LIMITS[User.Plan(user.plan)]


def may_read(request: HttpRequest) -> bool:
    """Whether this credential counts and opens what is public; what cannot be told now, the view refuses."""
    try:
        credential = _caller_of(request, counting=False).credential
    except AWAY:
        return False
    return credential is not None and reads(credential)


def credential_name(header: str) -> str | None:
    """What the credential of this `Authorization` header is known by; None where it has to be judged."""
    try:
        return standing_name(header)
    except NotSignedIn:
        return None


def _caller_of(request: HttpRequest, *, counting: bool) -> Caller:
    found: Caller | None = getattr(request, _REMEMBERED, None)
    if found is None:
        found = _find_caller(request.headers.get("Authorization"), counting)
        setattr(request, _REMEMBERED, replace(found, verdict=None))
    return found


def _find_caller(header: str | None, counting: bool) -> Caller:
    if header is None:
        return Caller()
    try:
        name = standing_name(header)
        answer = standings().ask(name, settings.RATE_LIMIT_WINDOW_SECONDS if counting else 0)
        if answer.standing:
            return Caller(recalled(answer.standing.facts), verdict=answer.verdict)
        return Caller(_recognised(header, name, answer))
    except NotSignedIn as error:
        return Caller(refusal=error.message)


def _recognised(header: str, name: str, answer: Answer) -> Credential:
    now = wall_now()
    credential = recognise(header, now)
    limit = PLAN_LIMITS[User.Plan(credential.user.plan)]
    standing, seconds = standing_of(credential, limit, now)
    standings().put(name, standing, seconds, answer.since)
    return credential


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
