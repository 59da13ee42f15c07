"""Tables of identity: the user, the sessions that tokens belong to, the audit log, and mail that is owed."""

from accounts.models.api_key import ApiKey
from accounts.models.audit import AuditEntry
from accounts.models.mail import Mail
from accounts.models.one_time_token import OneTimeToken
from accounts.models.second_factor import RecoveryCode, SecondFactor
from accounts.models.session import RefreshToken, Session
from accounts.models.user import User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Mail",
    "OneTimeToken",
    "RecoveryCode",
    "RefreshToken",
    "SecondFactor",
    "Session",
    "User",
]
