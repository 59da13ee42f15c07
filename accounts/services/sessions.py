"""Ending sessions. An ended one counts no more from the next request, since each asks whether it lives."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import events
from accounts.models import Session
from accounts.services.audit import NOWHERE, Action, Origin, record
from core.api.standing import forget
from core.lib.errors import NotFound


def end_sessions(
    *,
    session_ids: Iterable[UUID],
    because: str,
    now: datetime,
    by: UUID | None = None,
    origin: Origin = NOWHERE,
) -> int:
    """How many of these were alive and are not any more. `by` is the user who wanted it."""
    ended = 0
    for session in Session.objects.filter(id__in=list(session_ids), ended_at=None):
        with transaction.atomic():
            ended += _end(session, because, now, by, origin)
    return ended


def end_sessions_of(
    *,
    user_id: UUID,
    because: str,
    now: datetime,
    by: UUID | None = None,
    origin: Origin = NOWHERE,
    but: UUID | None = None,
) -> int:
    """All sessions of a user; `but` names one that stays."""
    alive = Session.objects.filter(user_id=user_id, ended_at=None)
    ids = {one for one in alive.values_list("id", flat=True) if one != but}
    return end_sessions(session_ids=ids, because=because, now=now, by=by, origin=origin)


def end_own_session(*, user_id: UUID, session_id: UUID, now: datetime, origin: Origin = NOWHERE) -> None:
    """NotFound for what is somebody else's, or over."""
    own = Session.objects.filter(id=session_id, user_id=user_id).values_list("id", flat=True)
    if not end_sessions(session_ids=own, because="ended by its owner", now=now, by=user_id, origin=origin):
        raise NotFound("There is no such session, or it has ended already.")


def _end(session: Session, because: str, now: datetime, by: UUID | None, origin: Origin) -> int:
    count = Session.objects.filter(id=session.id, ended_at=None).update(ended_at=now, ended_because=because)
    if count:
        forget(session.user_id)
        record(
            Action.SESSION_ENDED,
            account_id=session.user_id,
            actor_id=by,
            now=now,
            origin=origin,
            about=session,
            detail=because,
        )
        _announce(session)
    return count


def _announce(session: Session) -> None:
    transaction.on_commit(
        lambda: events.session_ended.send(sender=Session, session_id=session.id, user_id=session.user_id)
    )
