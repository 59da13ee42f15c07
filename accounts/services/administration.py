"""What staff change about an account, beside the form itself: the log, and the sessions that count no more."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from accounts.services.audit import Action, Origin, record
from accounts.services.mail import Kind, owe
from accounts.services.one_time_tokens import void_all
from accounts.services.sessions import end_sessions_of

_SAID = ("role", "plan", "username", "is_active", "email_verified")
_RANK = {User.Role.USER: 0, User.Role.ANALYST: 1, User.Role.STAFF: 2, User.Role.ADMIN: 3}


@dataclass(frozen=True)
class By:
    """Who of the staff does it, when and from where."""

    actor_id: UUID
    now: datetime
    origin: Origin


def note_changes(before: User, after: User, by: By) -> None:
    """To be called in the transaction that saves `after`."""
    changes = [
        f"{name} {getattr(before, name)} → {getattr(after, name)}"
        for name in _SAID
        if getattr(before, name) != getattr(after, name)
    ]
    if before.email != after.email:
        void_all(after)
        changes.append("e-mail changed")
    if changes:
        note(after, ", ".join(changes), by)
        owe(after, Kind.ACCOUNT_CHANGED, now=by.now, to=before.email, detail=", ".join(changes))
    because = _ends_sessions(before, after)
    if because:
        end_sessions_of(user_id=after.id, because=because, now=by.now, by=by.actor_id, origin=by.origin)


def note_new_password(user: User, by: By) -> None:
    record(
        Action.PASSWORD_CHANGED,
        account_id=user.id,
        actor_id=by.actor_id,
        now=by.now,
        origin=by.origin,
        about=user,
        detail="by staff",
    )
    void_all(user)
    owe(user, Kind.PASSWORD_CHANGED, now=by.now, detail="Khalsi’s staff set a new one.")
    because = "password set by staff"
    end_sessions_of(user_id=user.id, because=because, now=by.now, by=by.actor_id, origin=by.origin)


def note(user: User, what: str, by: By) -> None:
    record(
        Action.ACCOUNT_CHANGED,
        account_id=user.id,
        actor_id=by.actor_id,
        now=by.now,
        origin=by.origin,
        about=user,
        detail=what,
    )


def _ends_sessions(before: User, after: User) -> str:
    if before.is_active and not after.is_active:
        return "account disabled"
    if _RANK[User.Role(after.role)] < _RANK[User.Role(before.role)]:
        return "role lowered"
    return "e-mail changed by staff" if before.email != after.email else ""
