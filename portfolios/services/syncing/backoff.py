"""When a connection is due next, as arithmetic."""

from datetime import datetime, timedelta

EVERY = timedelta(minutes=5)
RETRIES = 3
FIRST_PAUSE = 15.0
LONGEST = timedelta(hours=1)


def due_after_success(began: datetime, now: datetime) -> datetime:
    return max(began + EVERY, now)


def due_after_failure(now: datetime, failures: int, drawn: float, asked: float | None = None) -> datetime:
    """Three retries after 15, 30 and 60 s, each half to one and a half of it as `drawn` (0 to 1) says; then every five
    minutes, and more seldom the longer it lasts, up to an hour. Never sooner than was `asked`."""
    if failures <= RETRIES:
        pause = FIRST_PAUSE * 2.0 ** (failures - 1) * (0.5 + drawn)
    else:
        regular = EVERY.total_seconds() * 2.0 ** min(failures - RETRIES - 1, 10)
        pause = min(regular, LONGEST.total_seconds()) * (0.75 + drawn / 2)
    return now + timedelta(seconds=max(pause, asked or 0.0))


def due_after_wait(now: datetime, asked: float, drawn: float) -> datetime:
    """A limit is reached: no failure of the connection, so it comes back as soon as it may, a little spread."""
    return now + timedelta(seconds=asked * (1 + drawn / 4))
