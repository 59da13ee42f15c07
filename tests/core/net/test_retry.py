"""Retries back off with jitter, wait as long as they are asked to, and end."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lib.errors import ReplyRefused, SourceMisconfigured, SourceUnavailable
from core.net.retry import LONGEST_WAIT, RetryPolicy, backoff_seconds, retry_after_seconds, with_retries

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
POLICY = RetryPolicy(attempts=4, base=1.0, cap=5.0, total=100.0)


class World:
    """A clock that only sleeping moves, and a source that fails as it is told."""

    def __init__(self, *errors: Exception) -> None:
        self.now, self.slept, self.calls, self.errors = 0.0, list[float](), 0, list(errors)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def call(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "reply"

    def run(self, policy: RetryPolicy = POLICY, drawn: Callable[[], float] = lambda: 1.0) -> str:
        return with_retries(self.call, policy, sleep=self.sleep, drawn=drawn, clock=lambda: self.now)


def away(retry_after: float | None = None) -> SourceUnavailable:
    return SourceUnavailable("away", retry_after=retry_after)


def test_the_wait_doubles_up_to_its_cap():
    world = World(away(), away(), away())
    assert world.run(RetryPolicy(attempts=4, base=2.0, cap=5.0, total=100.0)) == "reply"
    assert world.slept == [2.0, 4.0, 5.0]


def test_the_wait_is_drawn_from_the_whole_range():
    world = World(away())
    world.run(drawn=lambda: 0.25)
    assert world.slept == [0.25]


def test_a_source_is_given_the_time_it_asks_for():
    world = World(away(retry_after=42))
    world.run()
    assert world.slept == [42]


def test_attempts_end():
    world = World(*[away() for _ in range(9)])
    with pytest.raises(SourceUnavailable):
        world.run()
    assert world.calls == 4


def test_no_wait_goes_beyond_the_total_time():
    world = World(away(retry_after=101))
    with pytest.raises(SourceUnavailable) as error:
        world.run()
    assert (world.slept, error.value.retry_after) == ([], 101)


@pytest.mark.parametrize("error", [SourceMisconfigured("key"), ReplyRefused("no sense"), KeyError("bug")])
def test_what_later_will_not_mend_is_final(error: Exception):
    world = World(error)
    with pytest.raises(type(error)):
        world.run()
    assert world.calls == 1


def test_each_wait_is_told():
    told: list[float] = []
    world = World(away(), away())
    with_retries(
        world.call,
        POLICY,
        sleep=world.sleep,
        drawn=lambda: 0.5,
        clock=lambda: world.now,
        on_wait=lambda error, wait: told.append(wait),
    )
    assert told == world.slept == [0.5, 1.0]


@given(st.integers(1, 2000), st.floats(0, 1), st.none() | st.floats(0, 1e6))
def test_a_wait_is_within_its_bounds(attempt: int, drawn: float, asked: float | None):
    wait = backoff_seconds(min(attempt, 60), POLICY, drawn, asked)
    assert (asked or 0.0) <= wait <= max(POLICY.cap, asked or 0.0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("119", 119),
        ("0", 0),
        (" 5 ", 5),
        ("Sat, 21 Nov 2026 12:01:00 GMT", 60),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("9" * 30, LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float | None):
    assert retry_after_seconds(header, NOON) == seconds


@given(st.text(max_size=40))
def test_no_header_breaks_the_reader(header: str):
    found = retry_after_seconds(header, NOON)
    assert found is None or 0 <= found <= LONGEST_WAIT
