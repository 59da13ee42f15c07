"""Who listens: a browser by its session cookie, an app by the token that it sends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import parse_cookie
from django.utils.module_loading import import_string

from core.lib.errors import NotSignedIn
from core.live.database import in_a_thread


@dataclass(frozen=True)
class Identity:
    """`expires_at` is wall time; the connection ends then unless it was renewed."""

    user_id: str
    expires_at: datetime | None = None


Authenticate = Callable[[str], tuple[str, datetime | None]]
"""From a token to the user's id and the token's end (wall time); raises NotSignedIn where it is not good.

It is named by the setting LIVE_AUTHENTICATE and called in a thread, so it may ask the database.
"""


async def identity_by_token(token: object) -> Identity:
    if not isinstance(token, str) or not token:
        raise NotSignedIn('authenticate needs "token": an access token of POST /api/v1/auth/login.')
    user_id, expires_at = await in_a_thread(_authenticate(), token)
    return Identity(str(user_id), expires_at)


async def identity_by_cookie(scope: dict[str, Any]) -> Identity | None:
    """The user of the browser's session; None where it has ended, or (at no cost) without a cookie."""
    cookies = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    key = parse_cookie(cookies.decode("latin1")).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    return await in_a_thread(_session_identity, key)


def _session_identity(key: str) -> Identity | None:
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request: Any = SimpleNamespace(session=session)  # nothing else of a request is looked at
    user = get_user(request)
    return Identity(str(user.pk), session.get_expiry_date()) if user.is_authenticated else None


def _authenticate() -> Authenticate:
    path: str = getattr(settings, "LIVE_AUTHENTICATE", "")
    return import_string(path) if path else _refuse


def _refuse(token: str) -> tuple[str, datetime | None]:
    raise NotSignedIn("Tokens are not taken here: LIVE_AUTHENTICATE is not set.")
