"""What an alert will do, in plain words: its condition, then its rhythm."""

from datetime import datetime

from alerts.conditions.base import Condition
from alerts.conditions.rhythm import QuietHours, Rhythm
from alerts.conditions.words import span


def sentence(condition: Condition, rhythm: Rhythm, symbol: str, quiet: QuietHours | None = None) -> str:
    parts = [_when(condition, rhythm, symbol)]
    if rhythm.expires_at is not None:
        parts.append(f"It ends on {_moment(rhythm.expires_at)}.")
    if rhythm.snoozed_until is not None:
        parts.append(f"It is silent until {_moment(rhythm.snoozed_until)}.")
    if quiet is not None:
        hours = f"from {quiet.begins:%H:%M} to {quiet.ends:%H:%M} ({quiet.zone})"
        parts.append(f"Messages wait {hours}; the inbox has them at once.")
    return " ".join(parts)


def _when(condition: Condition, rhythm: Rhythm, symbol: str) -> str:
    clause = condition.clause(symbol)
    if rhythm.once:
        return f"Tells you once, as soon as {clause}."
    back = f", again only after {condition.back()}" if condition.back() else ""
    pause = (
        f", at most once in {span(int(rhythm.cooldown.total_seconds()))}"
        if rhythm.cooldown.total_seconds()
        else ""
    )
    return f"Tells you each time {clause}{back}{pause}."


def _moment(moment: datetime) -> str:
    return f"{moment:%-d %b %Y, %H:%M} UTC"
