"""How many tests and confirmations go out: nobody floods a mailbox from here, his own or another's."""

import hashlib
import time
from uuid import UUID

from django.conf import settings

from core.api.limiter import Count
from core.api.throttling import limiter
from core.lib.errors import TooMany

MESSAGES_AN_HOUR = 10
OF_ONE_ADDRESS = 5
HOUR = 3600


def count_message(owner_id: UUID, address: str) -> None:
    """TooMany where this user asked for so many, or everybody together for this address."""
    if not settings.RATE_LIMIT_MAX:
        return
    digest = hashlib.sha256(address.encode()).hexdigest()[:32]
    counts = [
        Count(f"channel-messages:{owner_id}", MESSAGES_AN_HOUR, HOUR),
        Count(f"channel-address:{digest}", OF_ONE_ADDRESS, HOUR),
    ]
    for verdict in limiter().hit_all(counts, time.monotonic()):
        if not verdict.allowed:
            message = f"So many messages were asked for. Try again in {verdict.reset} s."
            raise TooMany(message, retry_after=verdict.reset)
