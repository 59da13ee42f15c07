"""Trying again: exponential backoff with full jitter, at least as long as the source asks, never without end.

Full jitter (a wait drawn evenly between nothing and the exponential bound) keeps many clients from coming
back together.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from core.lib.errors import SourceUnavailable

T = TypeVar("T")

LONGEST_WAIT = 24 * 3600.0


@dataclass(frozen=True)
class RetryPolicy:
    """`base` doubles with every attempt up to `cap`; `total` bounds all waits and calls together. Seconds."""

    attempts: int = 4
    base: float = 0.5
    cap: float = 30.0
    total: float = 90.0


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """The header Retry-After, as seconds or as an HTTP date; None where it is absent or unreadable."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)


def backoff_seconds(attempt: int, policy: RetryPolicy, drawn: float, asked: float | None = None) -> float:
    """The wait after attempt number `attempt` (from 1): `drawn` (0 to 1) of the exponential bound, and never
    less than the source `asked` for."""
    bound = min(policy.cap, policy.base * 2.0 ** (attempt - 1))
    return max(drawn * bound, asked or 0.0)


def with_retries(
    call: Callable[[], T],
    policy: RetryPolicy = RetryPolicy(),
    *,
    sleep: Callable[[float], None] = time.sleep,
    drawn: Callable[[], float] = random.random,
    clock: Callable[[], float] = time.monotonic,
    on_wait: Callable[[SourceUnavailable, float], None] | None = None,
) -> T:
    """`call`, again after each SourceUnavailable while attempts and time last; other errors are final at
    once.

    Where the source asks for a longer wait than is left, its error goes to the caller now: a worker must not
    sleep through it. `on_wait` is told of each error and the wait that follows.
    """
    ends = clock() + policy.total
    for attempt in range(1, policy.attempts + 1):
        try:
            return call()
        except SourceUnavailable as error:
            wait = backoff_seconds(attempt, policy, drawn(), error.retry_after)
            if attempt == policy.attempts or clock() + wait > ends:
                raise
            if on_wait:
                on_wait(error, wait)
            sleep(wait)
    raise ValueError("A retry policy needs at least one attempt.")
