"""Sums of the record, kept: what was resolved on earlier days never changes, so it is added up once.

The record is append-only and outcomes are resolved in the order of market time. Sums over everything that was
resolved before a midnight therefore stay what they are, and a new outcome costs adding up one day alone.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property

from django.core.cache import cache
from django.db.models import Count, Max, QuerySet

from core.lib.clock import floor_to, iso
from predictions.horizons import DAY
from predictions.models import Abstention, EngineVersion, Forecast, Outcome
from predictions.selectors.record_sums import Filters, Rows, matured

KEPT_SECONDS = 3 * DAY
SETTLING = timedelta(hours=6)
"""A scoring that began before midnight may commit after it; the key below sees what came later still."""

Summed = Callable[[QuerySet[Forecast]], Rows]


class Kept:
    """What was added up before. One of these serves one look at the record, which it sees in one state."""

    @cached_property
    def last_scored(self) -> datetime | None:
        last: datetime | None = Outcome.objects.aggregate(last=Max("resolved_at"))["last"]
        return last

    @cached_property
    def state(self) -> str:
        """Changes with every outcome, every abstention and every change of a role."""
        roles = list(EngineVersion.objects.order_by("pk").values_list("pk", "role"))
        quiet = Abstention.objects.aggregate(n=Count("pk"), top=Max("pk"))
        return _digest(_resolved(self.last_scored), roles, quiet["n"], quiet["top"])

    def key(self, name: str, *asked: object) -> str:
        """Of an answer that holds as long as this state does."""
        return f"record:{name}:{_digest(self.state, asked)}"

    def sums(self, name: str, filters: Filters, summed: Summed) -> Rows:
        """Rows of `summed` over all that has matured. Groups may come twice: from the past, and from today."""
        whole = matured(filters)
        if self._midnight is None:
            return summed(whole)
        key = f"record:{name}:{_digest(filters, self._settled)}"
        settled = cache.get(key)
        if settled is None:
            settled = summed(whole.filter(outcome__resolved_at__lt=self._midnight))
            cache.set(key, settled, KEPT_SECONDS)
        return [*settled, *summed(whole.filter(outcome__resolved_at__gte=self._midnight))]

    @cached_property
    def _midnight(self) -> datetime | None:
        return self.last_scored and floor_to(self.last_scored - SETTLING, DAY)

    @cached_property
    def _settled(self) -> str:
        before = Outcome.objects.filter(resolved_at__lt=self._midnight)
        return f"{self._midnight}:{_resolved(before.aggregate(last=Max('resolved_at'))['last'])}"


def _resolved(last: datetime | None) -> str:
    """When the last outcomes were resolved, and how many then: all of one scoring bear the same time."""
    if last is None:
        return "none"
    newest = Outcome.objects.filter(resolved_at=last).aggregate(n=Count("pk"), top=Max("pk"))
    return f"{iso(last)}:{newest['n']}:{newest['top']}"


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
