"""The circuit opens after failures in a row, lets one call try, and leaves a throttling source alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.net.breaker import Breaker, BreakerPolicy, admits, on_failure, on_start, on_success

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
POLICY = BreakerPolicy(threshold=3, pause=timedelta(seconds=30), longest_pause=timedelta(minutes=5))


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def failed(times: int, breaker: Breaker | None = None) -> Breaker:
    breaker = breaker or Breaker()
    for _ in range(times):
        breaker = on_failure(breaker, NOON, POLICY)
    return breaker


def test_it_stays_closed_below_the_threshold():
    breaker = failed(2)
    assert (breaker.state, breaker.failures) == ("closed", 2)
    assert admits(breaker, NOON)


def test_it_opens_at_the_threshold():
    breaker = failed(3)
    assert (breaker.state, breaker.opened_at, breaker.retry_at) == ("open", NOON, after(30))
    assert not admits(breaker, after(29))


def test_a_success_begins_anew():
    assert on_success(failed(2)) == Breaker()


def test_after_the_pause_one_call_may_try():
    trial = on_start(failed(3), after(30), POLICY)
    assert trial is not None and trial.state == "half_open"
    assert on_start(trial, after(31), POLICY) is None


def test_a_trial_that_never_reports_back_is_given_up():
    trial = on_start(failed(3), after(30), POLICY)
    assert trial is not None
    assert on_start(trial, after(30) + POLICY.trial_patience, POLICY) is not None


def test_a_failed_trial_opens_it_for_twice_as_long():
    trial = on_start(failed(3), after(30), POLICY)
    assert trial is not None
    breaker = on_failure(trial, after(31), POLICY)
    assert (breaker.state, breaker.opened_at, breaker.retry_at) == ("open", NOON, after(31 + 60))


def test_a_good_trial_closes_it():
    trial = on_start(failed(3), after(30), POLICY)
    assert trial is not None
    assert on_success(trial) == Breaker()


def test_a_source_that_asks_for_time_is_left_alone_though_closed():
    breaker = on_failure(Breaker(), NOON, POLICY, retry_after=42)
    assert breaker.state == "closed"
    assert on_start(breaker, after(41), POLICY) is None
    started = on_start(breaker, after(42), POLICY)
    assert started is not None and started.retry_at is None


def test_an_open_circuit_waits_at_least_as_long_as_the_source_asks():
    assert on_failure(failed(2), NOON, POLICY, retry_after=600).retry_at == after(600)


@given(st.integers(0, 10_000))
def test_the_pause_is_bounded_however_long_it_is_down(times: int):
    breaker = on_failure(Breaker(failures=times), NOON, POLICY)
    assert (breaker.retry_at or NOON) - NOON <= POLICY.longest_pause
