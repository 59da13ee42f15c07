"""The audit log as its readers see it."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.models import AuditEntry, User


def audit_of(user_id: UUID) -> QuerySet[AuditEntry]:
    """What happened to one account, for its owner."""
    return AuditEntry.objects.filter(account_id=user_id)


def audit_by(user_id: UUID) -> QuerySet[AuditEntry]:
    """What a member of the staff did to the accounts of others."""
    return AuditEntry.objects.filter(actor_id=user_id).exclude(account_id=user_id)


def audit_with_addresses() -> QuerySet[AuditEntry]:
    """Everything, with `account_email` and `actor_email` of accounts that are still there."""
    return AuditEntry.objects.annotate(
        account_email=_email_of("account_id"), actor_email=_email_of("actor_id")
    )


def has_been_there(whose: QuerySet[User], address: str | None, since: datetime) -> bool:
    """Whether the owner was at this address: signed in, or chose a password, with the old one or by a link."""
    own = AuditEntry.objects.filter(action__in=AuditEntry.OWNERS_DEEDS, actor_id=F("account_id"))
    there = own.filter(account_id__in=whose.values("id"), address=address, at__gte=since)
    return address is not None and there.exists()


def _email_of(column: str) -> Subquery:
    return Subquery(User.objects.filter(id=OuterRef(column)).values("email")[:1])
