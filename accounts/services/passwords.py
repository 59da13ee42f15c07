"""New passwords: with the old one, or by a link where it is forgotten. Both end what the old one opened.

API keys were given to programs that go on working: a change leaves them unless it says otherwise, and the notice counts
them. Who needs a link has lost the password, or fears that somebody else has it: a reset revokes them all.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.models.names import sought_email
from accounts.selectors.users import account_of
from accounts.services.api_keys import api_keys_of, revoke_all_api_keys
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.mail import Kind, owe
from accounts.services.one_time_tokens import Purpose, redeem, void_all
from accounts.services.password_rules import LONGEST
from accounts.services.registration import check_password_rules
from accounts.services.sessions import end_sessions_of
from core.lib.errors import BadInput


def confirm_password(
    *, user_id: UUID, password: str, now: datetime, origin: Origin = NOWHERE, field: str = "password"
) -> User:
    """The user, whose password this is; asked for again before anything that a thief would change."""
    user = account_of(user_id)
    if not user.check_password(password[: LONGEST + 1]):
        record(
            Action.PASSWORD_REFUSED, account_id=user.id, actor_id=user.id, now=now, origin=origin, about=user
        )
        raise BadInput.at(field, "This is not your password.")
    return user


def change_password(
    *,
    user_id: UUID,
    current_password: str,
    password: str,
    now: datetime,
    end_keys: bool = False,
    keep: UUID | None = None,
    origin: Origin = NOWHERE,
) -> User:
    """The user with the new password; every session but `keep` has ended, and with `end_keys` every API key."""
    user = confirm_password(
        user_id=user_id, password=current_password, now=now, origin=origin, field="current_password"
    )
    with transaction.atomic():
        _set(user, password, now, origin, how="with the old one", end_keys=end_keys, keep=keep)
    return user


def ask_reset(*, email: str, now: datetime) -> None:
    """A link to whoever has this address; the same work where nobody has."""
    owe(User.objects.filter(email=sought_email(email), is_active=True).first(), Kind.RESET, now=now)


def reset_password(*, token: str, password: str, now: datetime, origin: Origin = NOWHERE) -> User:
    """By the link of a mail, which proves the address, too. A weak password leaves the link good."""
    with transaction.atomic():
        row = redeem(token, Purpose.RESET, now=now)
        row.user.email_verified = True
        _set(row.user, password, now, origin, how="by a link sent by mail", end_keys=True)
    return row.user


def _set(
    user: User,
    password: str,
    now: datetime,
    origin: Origin,
    *,
    how: str,
    end_keys: bool,
    keep: UUID | None = None,
) -> None:
    check_password_rules(password, user)
    user.set_password(password)
    user.save(update_fields=["password", "email_verified"])
    void_all(user)
    record(Action.PASSWORD_CHANGED, account_id=user.id, actor_id=user.id, now=now, origin=origin, detail=how)
    ended = revoke_all_api_keys(user_id=user.id, now=now, by=user.id, origin=origin) if end_keys else 0
    owe(user, Kind.PASSWORD_CHANGED, now=now, origin=origin, detail=_said_of_keys(user, now, ended))
    end_sessions_of(user_id=user.id, because="password changed", now=now, by=user.id, origin=origin, but=keep)


def _said_of_keys(user: User, now: datetime, ended: int) -> str:
    """By what may be shown of them: their names are the owner's, or a thief's, and have no place in our mail."""
    if ended:
        return f"Your API keys ({ended}) were revoked with it."
    left = ", ".join(f"khalsi_{key.prefix}…" for key in api_keys_of(user.id, now))
    return f"These API keys still count; revoke what you do not know: {left}." if left else ""
