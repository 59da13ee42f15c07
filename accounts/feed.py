"""Who speaks on the live feed, checked as pages and the API check it, and until when."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.selectors.sessions import live_among, live_session
from accounts.services.browsers import browser_session
from accounts.services.tokens import ACCESS, read
from core.lib.clock import from_seconds, wall_now
from core.lib.errors import NotSignedIn
from core.live.endings import STREAM
from core.live.publish import send
from core.live.topic import stream_name


def listener(token: str) -> tuple[str, datetime, str]:
    """User, end and session of this access token; raises NotSignedIn where it or its session is over."""
    claims = read(token, ACCESS)
    if live_session(session_id=claims.session_id, user_id=claims.user_id, now=wall_now()) is None:
        raise NotSignedIn("The session has ended. Log in again.")
    return str(claims.user_id), from_seconds(claims.expires_at), str(claims.session_id)


def browser_listener(store: Any) -> tuple[str, datetime, str] | None:
    session = browser_session(store, wall_now())
    return (str(session.user_id), session.expires_at, str(session.id)) if session else None


def ended_sessions(session_ids: Collection[str]) -> set[str]:
    """Those of them that count no more."""
    alive = live_among([UUID(one) for one in session_ids], now=wall_now())
    return set(session_ids) - {str(one) for one in alive}


def close_feeds(session_id: UUID) -> None:
    """Of every process that holds connections of this session."""
    send(stream_name(STREAM, str(session_id)), [(str(session_id), {"ended": True})])
