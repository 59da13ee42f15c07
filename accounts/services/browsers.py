"""Browsers that are signed in: each has a session of ours, named in Django's own, so that it can be ended."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.models import Session, User
from accounts.selectors.sessions import live_session
from accounts.services.audit import Action, Origin, record
from accounts.services.sessions import end_sessions

NAME = "khalsi_session"
SEEN_EVERY = timedelta(minutes=10)


def open_browser_session(*, store: Any, user: User, now: datetime, origin: Origin) -> None:
    """`store` is Django's session, just made anew for this user; one that it named before has ended."""
    with transaction.atomic():
        close_browser_session(store=store, because="signed in again", now=now, origin=origin)
        session = Session.objects.create(
            user=user,
            kind=Session.Kind.SITE,
            created_at=now,
            last_used_at=now,
            expires_at=store.get_expiry_date(),
            user_agent=origin.user_agent,
            address=origin.address,
        )
        record(Action.LOGGED_IN, account_id=user.id, actor_id=user.id, now=now, origin=origin, detail="site")
    store[NAME] = str(session.id)


def close_browser_session(*, store: Any, because: str, now: datetime, origin: Origin) -> None:
    named = store.get(NAME)
    session = Session.objects.filter(id=UUID(named)).first() if named else None
    if session:
        by = session.user_id
        end_sessions(session_ids=[session.id], because=because, now=now, by=by, origin=origin)


def browser_session(store: Any, now: datetime) -> Session | None:
    """The live session that Django's own names, with its user, in one query; None where there is none."""
    user_id, named = store.get(SESSION_KEY), store.get(NAME)
    if not user_id or not named:
        return None
    session = live_session(session_id=UUID(named), user_id=UUID(user_id), now=now)
    hashed = store.get(HASH_SESSION_KEY, "")
    if session is None or not constant_time_compare(hashed, session.user.get_session_auth_hash()):
        return None
    if now - session.last_used_at > SEEN_EVERY:
        Session.objects.filter(id=session.id).update(last_used_at=now)
    return session
