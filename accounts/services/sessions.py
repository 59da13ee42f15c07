"""Ending sessions. An ended one counts no more from the next request, since each asks whether it lives."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import events
from accounts.models import Session


def end_sessions(*, session_ids: Iterable[UUID], because: str, now: datetime) -> int:
    """How many of these were alive and are not any more."""
    ended = 0
    for session in Session.objects.filter(id__in=list(session_ids), ended_at=None):
        ended += _end(session, because, now)
    return ended


def end_sessions_of(*, user_id: UUID, because: str, now: datetime) -> int:
    alive = Session.objects.filter(user_id=user_id, ended_at=None).values_list("id", flat=True)
    return end_sessions(session_ids=alive, because=because, now=now)


def _end(session: Session, because: str, now: datetime) -> int:
    with transaction.atomic():
        count = Session.objects.filter(id=session.id, ended_at=None).update(
            ended_at=now, ended_because=because
        )
        if count:
            _announce(session)
    return count


def _announce(session: Session) -> None:
    transaction.on_commit(
        lambda: events.session_ended.send(sender=Session, session_id=session.id, user_id=session.user_id)
    )
