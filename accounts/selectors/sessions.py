"""Sessions that still count."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Session


def live_session(*, session_id: UUID, user_id: UUID, now: datetime) -> Session | None:
    """The session with its user in one query; None where it ended, expired or has its owner disabled."""
    return _live(now).select_related("user").filter(id=session_id, user_id=user_id).first()


def live_sessions_of(user_id: UUID, *, now: datetime) -> QuerySet[Session]:
    """Newest use first."""
    return _live(now).filter(user_id=user_id).order_by("-last_used_at", "id")


def live_among(session_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    ids = list(session_ids)
    parts = (ids[start : start + 500] for start in range(0, len(ids), 500))  # SQLite takes so many and some
    return {one for part in parts for one in _live(now).filter(id__in=part).values_list("id", flat=True)}


def _live(now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(ended_at=None, expires_at__gt=now, user__is_active=True)
