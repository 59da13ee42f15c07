"""What an alert would have done: its own condition and rhythm, played over the past. Stores nothing.

Played as if it spoke each time, so that somebody who wants to hear once sees how often it would have been so.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.conditions.reading import Reading
from alerts.conditions.rhythm import Standing, play
from alerts.conditions.words import CANDLE_WORDS
from alerts.models import Alert
from alerts.selectors.past import Past, past_of
from alerts.selectors.shown import alert_sentence
from core.lib.errors import NotEnoughHistory

MOST_DAYS = 90
MOST_SHOWN = 200
_LATE = timedelta(days=1)


@dataclass(frozen=True)
class Fired:
    at: datetime
    value: float
    sentence: str


@dataclass(frozen=True)
class Preview:
    """`count` is of all, `fired` the newest of them, ascending; `words` tell the outcome and what it rests on."""

    sentence: str
    words: str
    count: int
    fired: list[Fired]
    since: datetime | None
    until: datetime
    step_seconds: int | None
    is_whole: bool


def preview(alert: Alert, *, days: int, now: datetime) -> Preview:
    """`alert` need not be stored. `now` is market time."""
    since = now - timedelta(days=days)
    try:
        past = past_of(alert, since, now)
    except NotEnoughHistory as nothing:
        return Preview(alert_sentence(alert), nothing.message, 0, [], None, now, None, is_whole=False)
    rhythm = replace(alert.rhythm, once=False, expires_at=None, snoozed_until=None)
    _, spoken = play(alert.condition, rhythm, Standing(), past.readings)
    is_whole = past.since <= since + _LATE
    return Preview(
        sentence=alert_sentence(alert),
        words=_words(alert, past, len(spoken), days, is_whole),
        count=len(spoken),
        fired=[_fired(alert, reading) for reading in spoken[-MOST_SHOWN:]],
        since=past.since,
        until=now,
        step_seconds=past.step or None,
        is_whole=is_whole,
    )


def _fired(alert: Alert, reading: Reading) -> Fired:
    return Fired(reading.at, reading.value, alert.condition.told(alert.subject, reading))


def _words(alert: Alert, past: Past, count: int, days: int, is_whole: bool) -> str:
    times = {0: "not once", 1: "once", 2: "twice"}.get(count, f"{count} times")
    span = (
        f"in the last {days} days"
        if is_whole
        else f"since {past.since:%-d %b %Y}, where what is stored begins"
    )
    parts = [f"Would have fired {times} {span}."]
    if count > 1 and alert.repeat == Alert.Repeat.ONCE:
        parts.append("It tells once, so the first of them would have ended it.")
    if past.step:
        parts.append(f"Read from {CANDLE_WORDS[past.step]} closes; moves between two closes are not seen.")
    else:
        parts.append("Read from every forecast that was published in time.")
    return " ".join(parts)
