"""How often somebody may try to come in: counted by account, by address, and for all together.

It is counted for unknown accounts too, so that it tells nothing. Guessing at one account from many addresses closes it
for strangers alone: a place where its owner signed in, or followed a link of ours, within 30 days has an allowance of
its own, so nobody is locked out for good. Without Redis each process counts for itself; nothing opens.
"""

import hashlib
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.models.names import normal_email, sought_email
from accounts.selectors.audit import has_been_there
from accounts.services.audit import Origin
from core.api.client_address import UNKNOWN
from core.api.limiter import Count, Verdict
from core.api.throttling import limiter
from core.lib.errors import TooMany

QUARTER_HOUR, HOUR = 900, 3600
KNOWN_FOR = timedelta(days=30)
LOGINS_PER_ACCOUNT_AND_ADDRESS = 10
LOGINS_PER_ADDRESS = 100
LOGINS_PER_ACCOUNT = 50
REGISTRATIONS_PER_ADDRESS = 10
MAILS_PER_ACCOUNT = 5
MAILS_PER_ADDRESS = 20
CODES_PER_ACCOUNT = 10
CODES_PER_ADDRESS = 30
TOKENS_PER_ADDRESS = 30
EXPORTS_PER_ACCOUNT = 10


def count_login(*, email: str, origin: Origin, now: datetime) -> bool:
    """Whether this account may be recognised from here; TooMany where this address, or everybody, overdid it.

    False must look like a wrong password: it tells that the account is being guessed at, not that there is one.
    """
    account, address = _digest(email), origin.address or UNKNOWN
    _count(
        Count(f"login:{address}", LOGINS_PER_ADDRESS, QUARTER_HOUR),
        Count(f"login:{address}:{account}", LOGINS_PER_ACCOUNT_AND_ADDRESS, QUARTER_HOUR),
    )
    everybody, this_account = _ask(
        Count("login-all:", settings.LOGINS_MAX, QUARTER_HOUR),
        Count(f"login-account:{account}", LOGINS_PER_ACCOUNT, HOUR),
    )
    if everybody.allowed and this_account.allowed:
        return True
    if has_been_there(User.objects.filter(email=sought_email(email)), origin.address, now - KNOWN_FOR):
        return True
    _refuse_full(everybody)
    return False


def count_code_tried(*, user_id: UUID, origin: Origin, now: datetime) -> None:
    """TooMany where codes are guessed, from wherever; said only to who knows the password."""
    address = origin.address or UNKNOWN
    _count(
        Count(f"code:{address}", CODES_PER_ADDRESS, QUARTER_HOUR),
        Count(f"code:{address}:{user_id}", CODES_PER_ACCOUNT, QUARTER_HOUR),
    )
    (verdict,) = _ask(Count(f"code-account:{user_id}", CODES_PER_ACCOUNT, QUARTER_HOUR))
    if not has_been_there(User.objects.filter(id=user_id), origin.address, now - KNOWN_FOR):
        _refuse_full(verdict)


def count_registration(*, address: str) -> None:
    _count(
        Count(f"register:{address}", REGISTRATIONS_PER_ADDRESS, HOUR),
        Count("register-all:", settings.REGISTRATIONS_MAX, HOUR),
    )


def count_mail_asked(*, email: str, address: str) -> bool:
    """Whether mail to this account may be asked for once more this hour; TooMany where the address overdid it,
    or everybody together.

    Over the account's own limit nothing is told: a mailbox cannot be flooded, and nobody learns whose it is.
    """
    _count(
        Count(f"mail:{address}", MAILS_PER_ADDRESS, HOUR),
        Count("mail-all:", settings.MAILS_MAX, HOUR),
    )
    (verdict,) = _ask(Count(f"mail-account:{_digest(email)}", MAILS_PER_ACCOUNT, HOUR))
    return verdict.allowed


def count_password_asked(*, user_id: UUID) -> None:
    """TooMany where a session tried passwords too often: it could be a thief's."""
    _count(Count(f"password:{user_id}", LOGINS_PER_ACCOUNT_AND_ADDRESS, QUARTER_HOUR))


def count_token_tried(*, address: str) -> None:
    _count(Count(f"token:{address}", TOKENS_PER_ADDRESS, QUARTER_HOUR))


def count_export(*, user_id: UUID) -> None:
    _count(Count(f"export:{user_id}", EXPORTS_PER_ACCOUNT, HOUR))


def _digest(email: str) -> str:
    return hashlib.sha256(normal_email(email).encode(errors="replace")).hexdigest()[:32]


def _count(*counts: Count) -> None:
    for verdict in _ask(*counts):
        _refuse_full(verdict)


def _ask(*counts: Count) -> Sequence[Verdict]:
    if not settings.RATE_LIMIT_MAX:
        return [Verdict(True, count.limit, count.limit, count.window_seconds) for count in counts]
    return limiter().hit_all(counts, time.monotonic())


def _refuse_full(verdict: Verdict) -> None:
    if not verdict.allowed:
        raise TooMany(f"Too many attempts. Try again in {verdict.reset} s.", retry_after=verdict.reset)
