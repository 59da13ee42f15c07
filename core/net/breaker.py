"""A circuit breaker as arithmetic: a state and an event in, the next state out. Whoever keeps a row stores
the result.

closed     calls pass; after `threshold` failures in a row it opens
open       nothing passes until `retry_at`; then one call may try
half_open  that one call is under way; its success closes the circuit, its failure opens it for twice as long

A source that says when it may be asked again (Retry-After) is left alone until then in every state.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

State = Literal["closed", "open", "half_open"]

CLOSED: State = "closed"
OPEN: State = "open"
HALF_OPEN: State = "half_open"


@dataclass(frozen=True)
class BreakerPolicy:
    """`threshold` failures in a row open it for `pause`, doubled at each failed trial up to `longest_pause`.
    A trial that never reports back (its worker died) is given up after `trial_patience`."""

    threshold: int = 5
    pause: timedelta = timedelta(seconds=30)
    longest_pause: timedelta = timedelta(minutes=10)
    trial_patience: timedelta = timedelta(minutes=2)


@dataclass(frozen=True)
class Breaker:
    """`failures` are in a row. In half_open `retry_at` is when the trial is given up."""

    state: State = CLOSED
    failures: int = 0
    opened_at: datetime | None = None
    retry_at: datetime | None = None


def admits(breaker: Breaker, now: datetime) -> bool:
    """Whether a call may start now."""
    return breaker.retry_at is None or now >= breaker.retry_at


def on_start(breaker: Breaker, now: datetime, policy: BreakerPolicy) -> Breaker | None:
    """The state once a call has started, None where none may. The caller stores it only where the old state
    still stands (a conditional update), so that of several workers one makes the trial."""
    if not admits(breaker, now):
        return None
    if breaker.state == CLOSED:
        return replace(breaker, retry_at=None)
    return replace(breaker, state=HALF_OPEN, retry_at=now + policy.trial_patience)


def on_success(breaker: Breaker) -> Breaker:
    return Breaker()


def on_failure(
    breaker: Breaker, now: datetime, policy: BreakerPolicy, retry_after: float | None = None
) -> Breaker:
    failures = breaker.failures + 1
    asked = now + timedelta(seconds=retry_after) if retry_after else None
    if breaker.state == CLOSED and failures < policy.threshold:
        return replace(breaker, failures=failures, retry_at=asked)
    trials = max(failures - policy.threshold, 0)
    # The power is bounded first: a source that is down for weeks must not overflow a timedelta.
    pause = min(policy.pause * 2 ** min(trials, 16), policy.longest_pause)
    retry_at = max(now + pause, asked or now)
    return Breaker(OPEN, failures, breaker.opened_at or now, retry_at)
