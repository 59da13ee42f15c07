"""Tokens of links: 256 random bits, stored as a digest, used once, and the newest of a kind alone counts."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import OneTimeToken, User
from core.lib.errors import BadInput

Purpose = OneTimeToken.Purpose
LIFETIMES: dict[str, timedelta] = {
    Purpose.VERIFY: timedelta(days=2),
    Purpose.CHANGE_EMAIL: timedelta(hours=2),
    Purpose.RESET: timedelta(hours=1),
}


_OVER = "This link does not count any more. Ask for a new one."


def issue(user: User, purpose: Purpose, *, email: str, now: datetime) -> str:
    """A new token; those of its kind that were issued before count no more."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        OneTimeToken.objects.filter(user=user, purpose=purpose).delete()
        OneTimeToken.objects.create(
            user=user,
            purpose=purpose,
            digest=digest_of(token),
            email=email,
            issued_at=now,
            expires_at=now + LIFETIMES[purpose],
        )
    return token


def redeem(token: str, *purposes: Purpose, now: datetime) -> OneTimeToken:
    """The row, used up, its user locked; BadInput where it does not count. Only inside a transaction.

    A refusal after it gives the token back with everything else that is rolled back.
    """
    row = OneTimeToken.objects.filter(digest=digest_of(token), purpose__in=purposes).first()
    # No join here: PostgreSQL would look at a joined row again as it was before another one changed it.
    living = OneTimeToken.objects.filter(used_at=None, expires_at__gt=now)
    if row is None or living.filter(pk=row.pk).update(used_at=now) == 0:
        raise BadInput.at("token", _OVER)
    row.user = User.objects.select_for_update().get(pk=row.user_id)
    has_moved = row.purpose != Purpose.CHANGE_EMAIL and row.email != row.user.email
    if has_moved or not row.user.is_active:
        raise BadInput.at("token", _OVER)
    return row


def void_all(user: User) -> None:
    """After a new password or a new address nothing that was sent before counts."""
    OneTimeToken.objects.filter(user=user, used_at=None).delete()


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
