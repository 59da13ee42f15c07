"""How often an alert speaks: once or each time, with a cooldown, a snooze, an end, and quiet hours.

Times are market time. What happens while an alert is silent is not used up: where the condition still holds when the
silence ends, it speaks then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from alerts.conditions.base import Condition
from alerts.conditions.reading import Reading

ACTIVE, FIRED, EXPIRED = "active", "fired", "expired"


@dataclass(frozen=True)
class Rhythm:
    once: bool = True
    cooldown: timedelta = timedelta(0)
    expires_at: datetime | None = None
    snoozed_until: datetime | None = None


@dataclass(frozen=True)
class QuietHours:
    begins: time
    ends: time
    zone: tzinfo


@dataclass(frozen=True)
class Standing:
    """How far an alert has come. `seen_at` is the newest reading that it judged."""

    memory: str = ""
    state: str = ACTIVE
    last_event_at: datetime | None = None
    seen_at: datetime | None = None


def play(
    condition: Condition, rhythm: Rhythm, standing: Standing, readings: Iterable[Reading]
) -> tuple[Standing, list[Reading]]:
    """The standing after these readings, and those by which the alert speaks.

    Readings may come in any order and more than once; those that were judged before are passed over.
    """
    spoken = []
    for reading in sorted({reading.at: reading for reading in readings}.values(), key=lambda one: one.at):
        if standing.state != ACTIVE:
            break
        standing, speaks = step(condition, rhythm, standing, reading)
        if speaks:
            spoken.append(reading)
    return standing, spoken


def step(condition: Condition, rhythm: Rhythm, standing: Standing, reading: Reading) -> tuple[Standing, bool]:
    if standing.seen_at is not None and reading.at <= standing.seen_at:
        return standing, False
    if rhythm.expires_at is not None and reading.at >= rhythm.expires_at:
        return replace(standing, state=EXPIRED), False
    seen = replace(standing, seen_at=reading.at)
    judged = condition.judge(reading.value, standing.memory)
    if not judged.speaks:
        return replace(seen, memory=judged.memory), False
    until = silent_until(rhythm, standing.last_event_at)
    if until is not None and reading.at < until:
        return seen, False
    state = FIRED if rhythm.once else ACTIVE
    return replace(seen, memory=judged.memory, state=state, last_event_at=reading.at), True


def silent_until(rhythm: Rhythm, last_event_at: datetime | None) -> datetime | None:
    """The end of cooldown and snooze, whichever is later."""
    cooled = last_event_at + rhythm.cooldown if last_event_at and rhythm.cooldown else None
    ends = [end for end in (cooled, rhythm.snoozed_until) if end is not None]
    return max(ends, default=None)


def quiet_until(moment: datetime, quiet: QuietHours) -> datetime | None:
    """When the quiet hours end that `moment` lies in; None where it lies in none.

    They begin and end by the clock on the wall of `zone`, whatever it is set to: past midnight where `ends` is earlier
    than `begins`. A clock time that comes twice ends them at the first one still ahead; one that is skipped, when the
    clock has jumped over it.
    """
    begins, ends, zone = quiet.begins, quiet.ends, quiet.zone
    local = moment.astimezone(zone)
    clock = local.time()
    over_midnight = ends < begins
    inside = clock >= begins or clock < ends if over_midnight else begins <= clock < ends
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= begins else 0)
    both = (datetime.combine(day, ends, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return next((end for end in both if end > moment), None)
