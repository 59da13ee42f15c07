"""When to try again, as arithmetic: growing pauses with jitter for three days, never sooner than asked."""

from datetime import datetime, timedelta

GIVEN_UP_AFTER = timedelta(days=3)
PAUSES = (5, 30, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000)
"""Seconds after the first, second, … attempt."""
SOON = timedelta(minutes=1)
"""What is due within it wakes a worker by itself then; later messages are found by the sweep, which comes so often."""
LONGEST_REST = 1800.0
"""A channel that fails is asked again within half an hour, whatever waits for it."""


def pause_seconds(failures: int, drawn: float, asked: float | None = None) -> float:
    """`drawn` (0 to 1) spreads the pause from three to five quarters of itself, so that many do not come back at
    once."""
    pause = PAUSES[min(max(failures, 1), len(PAUSES)) - 1]
    return max(pause * (0.75 + drawn / 2), asked or 0.0)


def next_attempt(
    now: datetime, attempts: int, gives_up_at: datetime, drawn: float, asked: float | None = None
) -> datetime | None:
    """None where the time is up; the last attempt falls on the end."""
    if now >= gives_up_at:
        return None
    return min(now + timedelta(seconds=pause_seconds(attempts, drawn, asked)), gives_up_at)


def rest_until(now: datetime, failures: int, drawn: float, asked: float | None = None) -> datetime:
    """Until when a channel is left alone after so many failures in a row."""
    pause = min(pause_seconds(failures, drawn), LONGEST_REST)
    return now + timedelta(seconds=max(pause, asked or 0.0))
