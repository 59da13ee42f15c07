"""Tables of identity: the user, and the sessions that tokens belong to."""

from accounts.models.session import RefreshToken, Session
from accounts.models.user import User

__all__ = ["RefreshToken", "Session", "User"]
