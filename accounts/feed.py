"""Who speaks on the live feed: an access token, checked as the API checks it."""

from datetime import datetime

from accounts.selectors.sessions import live_session
from accounts.services.tokens import ACCESS, read
from core.lib.clock import from_seconds, wall_now
from core.lib.errors import NotSignedIn


def listener(token: str) -> tuple[str, datetime]:
    """The user of this access token and when it expires; raises NotSignedIn where it or its session is over."""
    claims = read(token, ACCESS)
    if live_session(session_id=claims.session_id, user_id=claims.user_id, now=wall_now()) is None:
        raise NotSignedIn("The session has ended. Log in again.")
    return str(claims.user_id), from_seconds(claims.expires_at)
