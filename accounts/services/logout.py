"""Logging out: the session ends, whichever of its tokens names it."""

from datetime import datetime

from accounts.models import Session
from accounts.selectors.sessions import live_session
from accounts.services.audit import NOWHERE, Origin
from accounts.services.sessions import end_sessions
from accounts.services.tokens import REFRESH, read
from core.lib.errors import NotSignedIn


def log_out(*, session: Session | None, refresh: str | None, now: datetime, origin: Origin = NOWHERE) -> None:
    """Ends the session of the request and that of the refresh token, where it is the same user's.

    A refresh token that counts no more is no error beside a live session: its owner wanted to be out.
    """
    if session is None and refresh is None:
        raise NotSignedIn("Send the access token in the header, or the refresh token in the body.")
    ends = {session} if session else set()
    if refresh is not None:
        named = _named_by(refresh, now)
        if named is None and session is None:
            raise NotSignedIn("The refresh token is wrong, or its session has ended already.")
        if named is not None and (session is None or named.user_id == session.user_id):
            ends.add(named)
    owner = next(iter(ends)).user_id
    end_sessions(session_ids=[one.id for one in ends], because="logged out", now=now, by=owner, origin=origin)


def _named_by(refresh: str, now: datetime) -> Session | None:
    try:
        claims = read(refresh, REFRESH)
    except NotSignedIn:
        return None
    return live_session(session_id=claims.session_id, user_id=claims.user_id, now=now)
