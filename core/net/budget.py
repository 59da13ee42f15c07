"""The calls that a plan allows, as arithmetic: what is used up goes in, whether this kind of call may go out
comes out.

More important kinds come first. A lesser kind may only use what the more important ones will not need: in the
month, the calls that they make on the days that are left; in the minute, one call for each of them.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

SECONDS_IN_DAY = 86_400


@dataclass(frozen=True)
class Need:
    """A kind of call, and how many of them a day brings."""

    kind: str
    per_day: float


@dataclass(frozen=True)
class Plan:
    """What a source allows; None where it names no bound. `needs` stand in their order of importance."""

    per_minute: int | None
    per_month: int | None
    needs: tuple[Need, ...]

    def more_important(self, kind: str) -> tuple[Need, ...]:
        kinds = [need.kind for need in self.needs]
        return self.needs[: kinds.index(kind)] if kind in kinds else self.needs


@dataclass(frozen=True)
class Allowance:
    """Whether a call may go out; where not, when to ask again and why."""

    allowed: bool
    retry_after: float = 0.0
    reason: str = ""


def allowed(plan: Plan, calls_last_minute: int, calls_this_month: int, kind: str, now: datetime) -> Allowance:
    """A kind that the plan does not name is the least important of all. `now` is wall time, as the source
    counts."""
    before = plan.more_important(kind)
    if _minute_is_full(plan, calls_last_minute, len(before)):
        return Allowance(False, 60.0, f"{calls_last_minute} of {plan.per_minute} calls a minute are used up")
    if plan.per_month is None:
        return Allowance(True)
    left = seconds_left_in_month(now)
    if calls_this_month >= plan.per_month:
        return Allowance(False, left, f"all {plan.per_month} calls of the month are used up")
    reserved = ceil(sum(need.per_day for need in before) * left / SECONDS_IN_DAY)
    if calls_this_month + reserved >= plan.per_month:
        kept_for = ", ".join(need.kind for need in before)
        reason = f"the {plan.per_month - calls_this_month} calls left this month are kept for {kept_for}"
        return Allowance(False, min(left, 3600.0), reason)
    return Allowance(True)


def calls_left(plan: Plan, calls_last_minute: int, calls_this_month: int) -> int | None:
    """How many calls may go out now, whatever their kind; None where nothing bounds them."""
    left = [
        bound - used
        for bound, used in ((plan.per_minute, calls_last_minute), (plan.per_month, calls_this_month))
        if bound is not None
    ]
    return max(min(left), 0) if left else None


def seconds_left_in_month(now: datetime) -> float:
    """Until the first of the next month, in the zone of `now`."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=monthrange(now.year, now.month)[1]) - now).total_seconds()


def _minute_is_full(plan: Plan, calls: int, more_important: int) -> bool:
    """One call is kept for each more important kind, as far as the plan has so many."""
    if plan.per_minute is None:
        return False
    return calls + min(more_important, plan.per_minute - 1) >= plan.per_minute
