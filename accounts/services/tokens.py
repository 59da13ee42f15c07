"""Tokens: short access tokens that name their session, and refresh tokens that work once.

simplejwt signs and parses. Rotation is ours: whoever changes `used_at` from null wins, in one conditional
update. A repeat within `REPEAT_SECONDS`, while the successor is unused, gets the same successor (a phone that
lost the reply is not a thief); any other repeat ends the family.
"""

import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from accounts.models import RefreshToken, Session, User
from accounts.selectors.sessions import live_session
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.mail import Kind, owe
from accounts.services.sessions import end_sessions
from core.lib.errors import NotSignedIn

REPEAT_SECONDS = 20
_WRONG = "The token is wrong or has expired."
ACCESS, REFRESH = "access", "refresh"
# The signature of HS256 has 43 characters and our other parts are short: longer ones are not worth parsing.
_OURS = re.compile(r"[\w-]{1,128}\.[\w-]{1,1024}\.[\w-]{43}", re.ASCII)


@dataclass(frozen=True)
class TokenPair:
    """What an app keeps; never shown in a log, so not in a repr either."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True)
class Claims:
    """What a token says of itself once its signature, issuer, audience, type and expiry hold."""

    id: uuid.UUID
    user_id: uuid.UUID
    session_id: uuid.UUID
    expires_at: int


def open_session(*, user: User, now: datetime, origin: Origin = NOWHERE) -> TokenPair:
    """A new family for one log-in, with its first tokens."""
    with transaction.atomic():
        session = Session.objects.create(
            user=user,
            created_at=now,
            last_used_at=now,
            expires_at=now + _rules()["REFRESH_TOKEN_LIFETIME"],
            user_agent=origin.user_agent,
            address=origin.address,
        )
        return _pair(session, RefreshToken.objects.create(session=session, issued_at=now), now)


def rotate(*, refresh: str, now: datetime, origin: Origin = NOWHERE) -> TokenPair:
    """New tokens for a refresh token; raises NotSignedIn where it doesn't count any more."""
    claims = read(refresh, REFRESH)
    session = live_session(session_id=claims.session_id, user_id=claims.user_id, now=now)
    if session is None:
        raise NotSignedIn("The session has ended. Log in again.")
    token = _take(claims.id, session, now) or _repeat(claims.id, session, now)
    if token is None:
        _end_family(session, now, origin)
        raise NotSignedIn("The refresh token was used before, so its session was ended. Log in again.")
    return _pair(session, token, now)


def _end_family(session: Session, now: datetime, origin: Origin) -> None:
    with transaction.atomic():
        record(Action.REFRESH_REPEATED, account_id=session.user_id, now=now, origin=origin, about=session)
        end_sessions(session_ids=[session.id], because="refresh token repeated", now=now, origin=origin)
        owe(session.user, Kind.SESSION_THEFT, now=now, origin=origin)


def _take(token_id: uuid.UUID, session: Session, now: datetime) -> RefreshToken | None:
    """1. Claim the token, naming its successor. 2. Make the successor. 3. Let the session live on."""
    successor = RefreshToken(session=session, issued_at=now)
    with transaction.atomic():
        # The foreign key is checked at commit, so the row that is named here may follow.
        unused = RefreshToken.objects.filter(id=token_id, session_id=session.id, used_at=None)
        if unused.update(used_at=now, successor_id=successor.id) == 0:
            return None
        successor.save(force_insert=True)
        expires_at = now + _rules()["REFRESH_TOKEN_LIFETIME"]
        Session.objects.filter(id=session.id).update(last_used_at=now, expires_at=expires_at)
    return successor


def _repeat(token_id: uuid.UUID, session: Session, now: datetime) -> RefreshToken | None:
    """The successor again, for a client that lost the reply."""
    since = now - timedelta(seconds=REPEAT_SECONDS)
    used = RefreshToken.objects.select_related("successor").filter(
        id=token_id, session_id=session.id, used_at__gte=since, successor__used_at=None
    )
    token = used.first()
    return token.successor if token else None


def _pair(session: Session, token: RefreshToken, now: datetime) -> TokenPair:
    lifetime: timedelta = _rules()["ACCESS_TOKEN_LIFETIME"]
    access = _sign(ACCESS, uuid.uuid4(), session, now, lifetime)
    refresh = _sign(REFRESH, token.id, session, token.issued_at, _rules()["REFRESH_TOKEN_LIFETIME"])
    return TokenPair(access=access, refresh=refresh, expires_in=int(lifetime.total_seconds()))


def _sign(kind: str, token_id: uuid.UUID, session: Session, issued_at: datetime, lifetime: timedelta) -> str:
    claims = {
        "type": kind,
        "jti": str(token_id),
        "sub": str(session.user_id),
        "sid": str(session.id),
        "iat": int(issued_at.timestamp()),
        "exp": int((issued_at + lifetime).timestamp()),
    }
    return _backend().encode(claims)


def read(token: str, kind: str) -> Claims:
    """The claims of a token of ours, of this kind, in its time; anything else raises NotSignedIn."""
    claims = _read(token, kind, _rules()["SIGNING_KEY"])
    if claims.expires_at <= time.time():
        raise NotSignedIn(_WRONG)
    return claims


@lru_cache(maxsize=4096)
def _read(token: str, kind: str, key: str) -> Claims:
    """A signature is checked once for each token and process; `key` is what it is checked with."""
    if not _OURS.fullmatch(token):
        raise NotSignedIn("The token is not one of ours.")
    try:
        claims: dict[str, Any] = _backend().decode(token)  # type: ignore[arg-type]
        if claims["type"] != kind:
            raise NotSignedIn(f"This needs the {kind} token.")
        token_id, user_id, session_id = (uuid.UUID(claims[name]) for name in ("jti", "sub", "sid"))
        return Claims(id=token_id, user_id=user_id, session_id=session_id, expires_at=int(claims["exp"]))
    except (TokenBackendError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotSignedIn(_WRONG) from error


def _backend() -> TokenBackend:
    rules = _rules()
    return TokenBackend(
        rules["ALGORITHM"], rules["SIGNING_KEY"], audience=rules["AUDIENCE"], issuer=rules["ISSUER"]
    )


def _rules() -> dict[str, Any]:
    return settings.SIMPLE_JWT
