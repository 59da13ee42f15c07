"""The staff's view of accounts."""

from accounts.admin.api_keys import ApiKeyAdmin
from accounts.admin.audit import AuditEntryAdmin
from accounts.admin.sessions import SessionAdmin
from accounts.admin.users import UserAdmin

__all__ = ["ApiKeyAdmin", "AuditEntryAdmin", "SessionAdmin", "UserAdmin"]
