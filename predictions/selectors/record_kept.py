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
from predictions.selectors.record_sums import Filters, Rows, matured, resolved_since

KEPT_SECONDS = 31 * DAY
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
        """Rows of `summed` over all that has matured. Groups may come several times, from days apart."""
        midnight = self._midnight
        if midnight is None:
            return summed(matured(filters))
        settled = self._settled(f"record:{_digest(name, filters)}", filters, midnight, summed)
        return [*settled, *summed(resolved_since(filters, midnight))]

    @cached_property
    def _midnight(self) -> datetime | None:
        return self.last_scored and floor_to(self.last_scored - SETTLING, DAY)

    def _settled(self, key: str, filters: Filters, midnight: datetime, summed: Summed) -> Rows:
        """Of what was resolved before midnight: what is kept, and the days since then. Anew once a month, so that
        rows of single days do not pile up.
        """
        until, state, rows = cache.get(key) or (None, "", [])
        if until is None or until > midnight or until.month != midnight.month or state != self._before(until):
            until, rows = None, []
        if until != midnight:
            days = resolved_since(filters, until) if until else matured(filters)
            rows = [*rows, *summed(days.filter(outcome__resolved_at__lt=midnight))]
            cache.set(key, (midnight, self._before(midnight), rows), KEPT_SECONDS)
        return rows

    def _before(self, midnight: datetime) -> str:
        """The state of what was resolved before it."""
        if midnight not in self._states:
            before = Outcome.objects.filter(resolved_at__lt=midnight)
            self._states[midnight] = _resolved(before.aggregate(last=Max("resolved_at"))["last"])
        return self._states[midnight]

    @cached_property
    def _states(self) -> dict[datetime, str]:
        return {}


def _resolved(last: datetime | None) -> str:
    """When the last outcomes were resolved, and how many then: all of one scoring bear the same time."""
    if last is None:
        return "none"
    newest = Outcome.objects.filter(resolved_at=last).aggregate(n=Count("pk"), top=Max("pk"))
    return f"{iso(last)}:{newest['n']}:{newest['top']}"


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
