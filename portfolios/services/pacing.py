"""Nobody asks an exchange more often than it allows: limits are counted over all processes before a request leaves."""

import time
from collections.abc import Callable
from functools import cache

from django.conf import settings

from core.api.throttling import redis_link
from core.net.pace import MemoryPace, Pace, RedisPace, Spending
from portfolios.exchanges.base import Call, Limit, Per
from portfolios.exchanges.errors import LimitReached
from portfolios.exchanges.profiles import PROFILES

LONGEST_NAP = 1.0
RESTS_AT_LEAST = 5.0


@cache
def pace() -> Pace:
    """The one count: in Redis, or of this process, which is then the only one."""
    link = redis_link()
    return RedisPace(link, settings.KEY_PREFIX) if link else MemoryPace(time.monotonic)


class Turns:
    """Before each request of one account. Waits for its turn as long as there is patience, then raises LimitReached.

    `calls` is how many requests left. `account` is what limits of a key are counted by; it is no secret.
    """

    def __init__(
        self,
        account: str,
        *,
        patience: float,
        sleep: Callable[[float], None] = time.sleep,
        and_before: Callable[[], None] = lambda: None,
    ) -> None:
        self._account, self._left, self._sleep, self._and_before = account, patience, sleep, and_before
        self.calls = 0
        self._is_own = False

    def __call__(self, call: Call) -> None:
        self._and_before()
        spendings = [
            Spending(self._name(call.exchange, limit), call.costs[limit.name], limit.allowance, limit.seconds)
            for limit in PROFILES[call.exchange].limits
            if limit.name in call.costs
        ]
        while (wait := pace().take(spendings)) > 0:
            if wait > self._left:
                self._is_own = True
                raise LimitReached(
                    f"{PROFILES[call.exchange].title} lets itself be asked only so often; next try in {wait:.0f} s.",
                    exchange=call.exchange,
                    retry_after=wait,
                )
            nap = min(wait, LONGEST_NAP)
            self._left -= nap
            self._sleep(nap)
        self.calls += 1

    def heed(self, failure: LimitReached) -> None:
        """Where the exchange itself had enough, and not the count here. Whether of this key or of this address it does
        not say, so both rest."""
        if self._is_own:
            return
        for limit in PROFILES[failure.exchange].limits if failure.exchange in PROFILES else ():
            pace().rest(self._name(failure.exchange, limit), max(failure.seconds, RESTS_AT_LEAST))

    def _name(self, exchange: str, limit: Limit) -> str:
        whose = self._account if limit.per is Per.KEY else "all"
        return f"{exchange}:{limit.name}:{whose}"
