"""The latest quotes as polls and the stream find them: locked, so that each judges after the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from markets.models import LatestQuote

STREAM_HOLDS = timedelta(minutes=3)
"""A price of the stream stands for so long after it was observed, whatever polls say meanwhile.

Longer than a reconnect takes, so that two sources don't take turns; short of the time in which a quote is fresh.
"""


@dataclass(frozen=True)
class Latest:
    """The price that is shown, and what the last poll saw."""

    observed_at: datetime
    price_usd: float
    streamed: bool
    market_observed_at: datetime | None
    market_price_usd: float | None
    kept_at: datetime | None

    @property
    def polled(self) -> tuple[datetime, float] | None:
        """When the last poll observed it, and its price; None before the first."""
        if self.market_observed_at is not None and self.market_price_usd is not None:
            return self.market_observed_at, self.market_price_usd
        return None if self.streamed else (self.observed_at, self.price_usd)

    def outranks(self, observed_at: datetime, now: datetime) -> bool:
        """Whether this price stays where a poll at `now` brings one of `observed_at`."""
        return self.streamed and (observed_at <= self.observed_at or now - self.observed_at <= STREAM_HOLDS)


def locked_rows(token_ids: Iterable[int]) -> dict[int, Latest]:
    """In one order, so that two collectors wait for each other and never forever."""
    names = Latest.__dataclass_fields__
    rows = LatestQuote.objects.select_for_update().filter(token_id__in=list(token_ids)).order_by("token_id")
    return {pk: Latest(*row) for pk, *row in rows.values_list("token_id", *names)}
