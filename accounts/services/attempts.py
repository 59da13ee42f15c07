"""How often somebody may try to come in. It is counted for unknown accounts too, so that it tells nothing."""

import hashlib
import time
from uuid import UUID

from django.conf import settings

from accounts.models.names import normal_email
from core.api.throttling import limiter
from core.lib.errors import TooMany

QUARTER_HOUR, HOUR = 900, 3600
LOGINS_PER_ACCOUNT_AND_ADDRESS = 10
LOGINS_PER_ADDRESS = 100
REGISTRATIONS_PER_ADDRESS = 10
MAILS_PER_ACCOUNT = 5
MAILS_PER_ADDRESS = 20
CODES_PER_ACCOUNT = 10
TOKENS_PER_ADDRESS = 30


def count_login(*, email: str, address: str) -> None:
    """TooMany where this address tried this account, or accounts at all, too often in 15 minutes."""
    _count(f"login:{address}", LOGINS_PER_ADDRESS, QUARTER_HOUR)
    _count(f"login:{address}:{_digest(email)}", LOGINS_PER_ACCOUNT_AND_ADDRESS, QUARTER_HOUR)


def count_registration(*, address: str) -> None:
    _count(f"register:{address}", REGISTRATIONS_PER_ADDRESS, HOUR)


def count_mail_asked(*, email: str, address: str) -> bool:
    """Whether mail to this account may be asked for once more this hour; TooMany where the address overdid it.

    Over the account's own limit nothing is told: a mailbox cannot be flooded, and nobody learns whose it is.
    """
    _count(f"mail:{address}", MAILS_PER_ADDRESS, HOUR)
    return _may(f"mail:{_digest(email)}", MAILS_PER_ACCOUNT, HOUR)


def count_password_asked(*, user_id: UUID) -> None:
    """TooMany where a session tried passwords too often: it could be a thief's."""
    _count(f"password:{user_id}", LOGINS_PER_ACCOUNT_AND_ADDRESS, QUARTER_HOUR)


def count_code_tried(*, user_id: UUID) -> None:
    """TooMany where codes are guessed, from wherever; said only to who knows the password."""
    _count(f"code:{user_id}", CODES_PER_ACCOUNT, QUARTER_HOUR)


def count_token_tried(*, address: str) -> None:
    _count(f"token:{address}", TOKENS_PER_ADDRESS, QUARTER_HOUR)


def _digest(email: str) -> str:
    return hashlib.sha256(normal_email(email).encode(errors="replace")).hexdigest()[:32]


def _may(key: str, limit: int, window_seconds: int) -> bool:
    return not settings.RATE_LIMIT_MAX or limiter().hit(key, limit, window_seconds, time.monotonic()).allowed


def _count(key: str, limit: int, window_seconds: int) -> None:
    if not settings.RATE_LIMIT_MAX:
        return
    verdict = limiter().hit(key, limit, window_seconds, time.monotonic())
    if not verdict.allowed:
        raise TooMany(f"Too many attempts. Try again in {verdict.reset} s.", retry_after=verdict.reset)
