"""Sessions that still count."""

from datetime import datetime
from uuid import UUID

from accounts.models import Session


def live_session(*, session_id: UUID, user_id: UUID, now: datetime) -> Session | None:
    """The session with its user in one query; None where it ended, expired or has its owner disabled."""
    return (
        Session.objects.select_related("user")
        .filter(id=session_id, user_id=user_id, ended_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
