"""E-mail addresses of users: confirming one, and moving to another. Nothing here tells who has an account."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.models.names import normal_email, sought_email
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.mail import Kind, owe
from accounts.services.one_time_tokens import Purpose, redeem, void_all
from accounts.services.passwords import confirm_password
from accounts.services.registration import refuse_taken, save_unless_taken
from accounts.services.sessions import end_sessions_of


def ask_verification(*, email: str, now: datetime) -> None:
    """Mail to whoever has this address and did not confirm it yet; the same work where nobody has."""
    waiting = User.objects.filter(email=sought_email(email), is_active=True, email_verified=False)
    owe(waiting.first(), Kind.VERIFY, now=now)


def ask_new_address(
    *,
    user_id: UUID,
    email: str,
    password: str,
    now: datetime,
    may_mail: bool = True,
    origin: Origin = NOWHERE,
) -> None:
    """A link to the new address; the account moves when it is followed. The password is asked for again.

    The old address hears of it at once. Whether somebody else has the new one is told to its owner alone, by no mail
    coming; so is that its mailbox had enough for now (not `may_mail`).
    """
    user = confirm_password(user_id=user_id, password=password, now=now, origin=origin)
    taken = User.objects.filter(email=normal_email(email)).exists()
    with transaction.atomic():
        owe(user if may_mail and not taken else None, Kind.CHANGE_EMAIL, to=normal_email(email), now=now)
        owe(user, Kind.EMAIL_CHANGE_ASKED, now=now, origin=origin)
        record(Action.EMAIL_CHANGE_ASKED, account_id=user.id, actor_id=user.id, now=now, origin=origin)


def confirm_address(*, token: str, now: datetime, origin: Origin = NOWHERE) -> User:
    """The user, whose address is now the one that the link was sent to."""
    with transaction.atomic():
        row = redeem(token, Purpose.VERIFY, Purpose.CHANGE_EMAIL, now=now)
        user = row.user
        if row.purpose == Purpose.CHANGE_EMAIL:
            _move(user, row.email, now, origin)
        user.email_verified = True
        save_unless_taken(user, update_fields=["email", "email_verified"])
        record(Action.EMAIL_VERIFIED, account_id=user.id, now=now, origin=origin)
    return user


def _move(user: User, email: str, now: datetime, origin: Origin) -> None:
    for address in (user.email, email):
        owe(user, Kind.EMAIL_CHANGED, now=now, to=address, origin=origin)
    user.email = email
    refuse_taken(user)
    void_all(user)
    record(Action.EMAIL_CHANGED, account_id=user.id, actor_id=user.id, now=now, origin=origin)
    end_sessions_of(user_id=user.id, because="e-mail changed", now=now, by=user.id, origin=origin)
