"""New passwords: with the old one, or by a link where it is forgotten. Both end what the old one opened."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.models.names import sought_email
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
    user = User.objects.get(id=user_id)
    if not user.check_password(password[: LONGEST + 1]):
        record(
            Action.PASSWORD_REFUSED, account_id=user.id, actor_id=user.id, now=now, origin=origin, about=user
        )
        raise BadInput.at(field, "This is not your password.")
    return user


def change_password(
    *,
    user_id: UUID,
    current: str,
    password: str,
    now: datetime,
    keep: UUID | None = None,
    origin: Origin = NOWHERE,
) -> User:
    """The user with the new password; every session but `keep` has ended."""
    user = confirm_password(
        user_id=user_id, password=current, now=now, origin=origin, field="current_password"
    )
    with transaction.atomic():
        _set(user, password, now, origin, keep, "with the old one")
    return user


def ask_reset(*, email: str, now: datetime) -> None:
    """A link to whoever has this address; the same work where nobody has."""
    owe(User.objects.filter(email=sought_email(email), is_active=True).first(), Kind.RESET, now=now)


def reset_password(*, token: str, password: str, now: datetime, origin: Origin = NOWHERE) -> User:
    """By the link of a mail, which proves the address, too. A weak password leaves the link good."""
    with transaction.atomic():
        row = redeem(token, Purpose.RESET, now=now)
        row.user.email_verified = True
        _set(row.user, password, now, origin, None, "by a link sent by mail")
    return row.user


def _set(user: User, password: str, now: datetime, origin: Origin, keep: UUID | None, how: str) -> None:
    check_password_rules(password, user)
    user.set_password(password)
    user.save(update_fields=["password", "email_verified"])
    void_all(user)
    record(Action.PASSWORD_CHANGED, account_id=user.id, actor_id=user.id, now=now, origin=origin, detail=how)
    owe(user, Kind.PASSWORD_CHANGED, now=now, origin=origin)
    end_sessions_of(user_id=user.id, because="password changed", now=now, by=user.id, origin=origin, but=keep)
