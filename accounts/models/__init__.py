"""Tables of identity: the user, the sessions that tokens belong to, and the audit log."""

from accounts.models.audit import AuditEntry
from accounts.models.session import RefreshToken, Session
from accounts.models.user import User

__all__ = ["AuditEntry", "RefreshToken", "Session", "User"]
