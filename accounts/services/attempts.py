"""How often somebody may try to come in. It is counted for unknown accounts too, so that it tells nothing."""

import hashlib
import time

from django.conf import settings

from accounts.models.names import normal_email
from core.api.throttling import limiter
from core.lib.errors import TooMany

QUARTER_HOUR, HOUR = 900, 3600
LOGINS_PER_ACCOUNT_AND_ADDRESS = 10
LOGINS_PER_ADDRESS = 100
REGISTRATIONS_PER_ADDRESS = 10


def count_login(*, email: str, address: str) -> None:
    """TooMany where this address tried this account, or accounts at all, too often in 15 minutes."""
    account = hashlib.sha256(normal_email(email).encode(errors="replace")).hexdigest()[:32]
    _count(f"login:{address}", LOGINS_PER_ADDRESS, QUARTER_HOUR)
    _count(f"login:{address}:{account}", LOGINS_PER_ACCOUNT_AND_ADDRESS, QUARTER_HOUR)


def count_registration(*, address: str) -> None:
    _count(f"register:{address}", REGISTRATIONS_PER_ADDRESS, HOUR)


def _count(key: str, limit: int, window_seconds: int) -> None:
    if not settings.RATE_LIMIT_MAX:
        return
    verdict = limiter().hit(key, limit, window_seconds, time.monotonic())
    if not verdict.allowed:
        raise TooMany(f"Too many attempts. Try again in {verdict.reset} s.", retry_after=verdict.reset)
