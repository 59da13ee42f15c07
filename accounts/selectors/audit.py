"""The audit log as its readers see it."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import AuditEntry, User


def audit_of(user_id: UUID) -> QuerySet[AuditEntry]:
    """What happened to one account, for its owner."""
    return AuditEntry.objects.filter(account_id=user_id)


def audit_with_addresses() -> QuerySet[AuditEntry]:
    """Everything, with `account_email` and `actor_email` of accounts that are still there."""
    return AuditEntry.objects.annotate(
        account_email=_email_of("account_id"), actor_email=_email_of("actor_id")
    )


def _email_of(column: str) -> Subquery:
    return Subquery(User.objects.filter(id=OuterRef(column)).values("email")[:1])
