"""Who listens: a browser by its session cookie, an app by the token that it sends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import parse_cookie
from django.utils.module_loading import import_string

from core.lib.errors import NotSignedIn
from core.live.database import in_a_thread


@dataclass(frozen=True)
class Identity:
    """`expires_at` is wall time; the connection ends then unless it was renewed, or earlier with its session."""

    user_id: str
    expires_at: datetime | None = None
    session_id: str | None = None


Known = tuple[str, datetime | None] | tuple[str, datetime | None, str | None]
"""The fields of an Identity."""
Recognise = Callable[[Any], Known | None]
"""From a browser's session to whose it is; named by the setting LIVE_RECOGNISE and called in a thread."""
Authenticate = Callable[[str], Known]
"""From a token to whose it is, until when and of which session; raises NotSignedIn where it is not good.

It is named by the setting LIVE_AUTHENTICATE and called in a thread, so it may ask the database.
"""


async def identity_by_token(token: object) -> Identity:
    if not isinstance(token, str) or not token:
        raise NotSignedIn('authenticate needs "token": an access token of POST /api/v1/auth/login.')
    return Identity(*await in_a_thread(_authenticate(), token))


async def identity_by_cookie(scope: dict[str, Any]) -> Identity | None:
    """The user of the browser's session; None where it has ended, or (at no cost) without a cookie."""
    cookies = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    key = parse_cookie(cookies.decode("latin1")).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    return await in_a_thread(_session_identity, key)


def _session_identity(key: str) -> Identity | None:
    path: str = getattr(settings, "LIVE_RECOGNISE", "")
    recognise: Recognise | None = import_string(path) if path else None
    known = recognise(import_module(settings.SESSION_ENGINE).SessionStore(key)) if recognise else None
    return Identity(*known) if known else None


def _authenticate() -> Authenticate:
    path: str = getattr(settings, "LIVE_AUTHENTICATE", "")
    return import_string(path) if path else _refuse


def _refuse(token: str) -> Known:
    raise NotSignedIn("Tokens are not taken here: LIVE_AUTHENTICATE is not set.")
