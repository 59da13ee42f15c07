"""What staff change about an account, beside the form itself: the log, and the sessions that count no more."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services.api_keys import revoke_all_api_keys
from accounts.services.audit import Action, Origin, record
from accounts.services.mail import Kind, owe
from accounts.services.one_time_tokens import void_all
from accounts.services.sessions import end_sessions_of
from core.lib.errors import Conflict

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
        sign_out(after, because, by)


def end_their_sessions(user: User, by: By) -> int:
    """How many there were; whoever it is stays who he was, and may sign in again."""
    with transaction.atomic():
        return sign_out(user, "ended by staff", by)


def keep_an_admin(before: User, after: User) -> None:
    """Conflict where nobody would be left who may give roles. To be called in the transaction, before saving."""
    was, stays = (one.role == User.Role.ADMIN and one.is_active for one in (before, after))
    if was and not stays:
        refuse_last_admin(before)


def refuse_last_admin(user: User) -> None:
    if user.role == User.Role.ADMIN and lock_admins() <= {user.id}:
        raise Conflict("This is the last admin. Make somebody else one first.")


def lock_admins() -> set[UUID]:
    """Who is admin, for the length of a transaction: two at once must not each leave the other as the last."""
    admins = User.objects.filter(role=User.Role.ADMIN, is_active=True).order_by("id")
    return set(admins.select_for_update().values_list("id", flat=True))


def note_new_password(user: User, by: By) -> None:
    note(user, "by staff", by, Action.PASSWORD_CHANGED)
    void_all(user)
    revoke_all_api_keys(user_id=user.id, now=by.now, by=by.actor_id, origin=by.origin)
    owe(
        user,
        Kind.PASSWORD_CHANGED,
        now=by.now,
        detail="Khalsi’s staff set a new one. Your API keys are revoked.",
    )
    sign_out(user, "password set by staff", by)


def note(user: User, what: str, by: By, action: Action = Action.ACCOUNT_CHANGED) -> None:
    record(
        action,
        account_id=user.id,
        actor_id=by.actor_id,
        now=by.now,
        origin=by.origin,
        about=user,
        detail=what,
    )


def sign_out(user: User, because: str, by: By) -> int:
    return end_sessions_of(user_id=user.id, because=because, now=by.now, by=by.actor_id, origin=by.origin)


def _ends_sessions(before: User, after: User) -> str:
    if before.is_active and not after.is_active:
        return "account disabled"
    if _RANK[User.Role(after.role)] < _RANK[User.Role(before.role)]:
        return "role lowered"
    return "e-mail changed by staff" if before.email != after.email else ""
