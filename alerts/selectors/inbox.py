"""What a user finds in the inbox."""

from uuid import UUID

from django.db.models import QuerySet

from alerts.models import InboxItem


def inbox_of(owner_id: UUID) -> QuerySet[InboxItem]:
    """Each with its event and token; the caller orders."""
    return InboxItem.objects.filter(owner_id=owner_id).select_related(
        "event", "event__token", "event__portfolio", "event__alert"
    )


def unread_count(owner_id: UUID) -> int:
    return InboxItem.objects.filter(owner_id=owner_id, read_at=None).count()
