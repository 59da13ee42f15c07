"""What a request may send to say who it is, and how that is known again without asking the database.

Known again are a session or a key and a user of few columns: what limits and permissions ask for. Whatever else is
asked of them comes from the database, all of it in one query.
"""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from accounts.models import ApiKey, Session, User
from accounts.selectors.sessions import live_session
from accounts.services.api_keys import digest_of, find_api_key
from accounts.services.tokens import ACCESS, Claims, read
from core.api.standing import LASTS_SECONDS, Standing
from core.lib.errors import NotSignedIn

Credential = Session | ApiKey
M = TypeVar("M", bound=Model)

_USER = ("id", "role", "plan", "email_verified", "is_active")
_SESSION = ("id", "user_id", "kind")
_KEY = ("id", "user_id", "scopes")
_MODELS: dict[str, tuple[type[Credential], tuple[str, ...]]] = {
    "session": (Session, _SESSION),
    "key": (ApiKey, _KEY),
}


def standing_name(header: str) -> str:
    """By what this credential is known; NotSignedIn where it cannot be one of ours."""
    kind, text = _parts(header)
    if kind == "key":
        return f"key:{digest_of(text)}"
    claims = read(text, ACCESS)
    return f"session:{claims.session_id}:{claims.user_id}"


def recognise(header: str, now: datetime) -> Credential:
    """The live session or the key with its user, in one query; NotSignedIn where it does not count."""
    kind, text = _parts(header)
    return find_api_key(text, now) if kind == "key" else _session_of(read(text, ACCESS), now)


def _parts(header: str) -> tuple[str, str]:
    scheme, _, text = header.strip().partition(" ")
    kind = {"bearer": "session", "api-key": "key"}.get(scheme.lower())
    if kind is None:
        raise NotSignedIn("Write `Authorization: Bearer` and an access token, or `Api-Key` and a key.")
    return kind, text.strip()


def _session_of(claims: Claims, now: datetime) -> Session:
    session = live_session(session_id=claims.session_id, user_id=claims.user_id, now=now)
    if session is None:
        raise NotSignedIn("The session has ended. Log in again.")
    return session


def standing_of(credential: Credential, limit: int, now: datetime) -> tuple[Standing, float]:
    """What to remember of it, and for how many seconds."""
    kind = "key" if isinstance(credential, ApiKey) else "session"
    facts = {
        "kind": kind,
        "user": _values(credential.user, _USER),
        "own": _values(credential, _MODELS[kind][1]),
    }
    seconds = (credential.expires_at - now).total_seconds() if credential.expires_at else LASTS_SECONDS
    return Standing(str(credential.user_id), limit, reads(credential), orjson.dumps(facts).decode()), seconds


def reads(credential: Credential) -> bool:
    """Whether it opens what is public: a key does only within its scopes."""
    return not isinstance(credential, ApiKey) or ApiKey.Scope.READ in credential.scopes


def recalled(facts: str) -> Credential:
    """The credential again."""
    known: dict[str, Any] = orjson.loads(facts)
    model, columns = _MODELS[known["kind"]]
    credential = _partly(model, columns, known["own"])
    credential.user = _partly(User, _USER, known["user"])
    return credential


def _values(row: Model, columns: tuple[str, ...]) -> list[Any]:
    return [getattr(row, name) for name in columns]


def _partly(model: type[M], columns: tuple[str, ...], values: list[Any]) -> M:
    """A row of which only these columns are known."""
    known = dict(zip(columns, values, strict=True))
    typed = {name: UUID(value) if name.endswith("id") else value for name, value in known.items()}
    order = [field.attname for field in model._meta.concrete_fields if field.attname in typed]
    return model.from_db(DEFAULT_DB_ALIAS, order, [typed[name] for name in order])
