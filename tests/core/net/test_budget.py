"""Quotes before details before points: lesser calls use only what the more important ones leave."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.net.budget import Need, Plan, allowed, calls_left, seconds_left_in_month

NEEDS = (Need("quotes", 240), Need("details", 50), Need("points", 30))
DEMO = Plan(per_minute=30, per_month=10_000, needs=NEEDS)
FREE = Plan(per_minute=None, per_month=None, needs=())
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "last_minute", "may"),
    [
        ("quotes", 29, True),
        ("quotes", 30, False),
        ("details", 28, True),
        ("details", 29, False),
        ("points", 28, False),
    ],
)
def test_in_a_minute_one_call_is_kept_for_each_more_important_kind(kind: str, last_minute: int, may: bool):
    assert allowed(DEMO, last_minute, 0, kind, FIRST).allowed is may


def test_a_full_minute_is_over_in_a_minute():
    refusal = allowed(DEMO, 30, 0, "quotes", FIRST)
    assert (refusal.allowed, refusal.retry_after) == (False, 60)


def test_details_leave_the_quotes_of_the_rest_of_the_month():
    """On the first of November quotes still need 30 × 240 = 7,200 calls, so details may use 2,800."""
    assert allowed(DEMO, 0, 2_799, "details", FIRST).allowed
    refusal = allowed(DEMO, 0, 2_800, "details", FIRST)
    assert not refusal.allowed and "quotes" in refusal.reason


def test_what_was_kept_is_free_at_the_end_of_the_month():
    assert allowed(DEMO, 0, 9_900, "details", FIRST + timedelta(days=29, hours=23)).allowed


def test_quotes_may_use_the_last_call():
    assert allowed(DEMO, 0, 9_999, "quotes", FIRST).allowed
    refusal = allowed(DEMO, 0, 10_000, "quotes", FIRST)
    assert refusal.retry_after == seconds_left_in_month(FIRST) == 30 * 86_400


def test_a_kind_that_the_plan_does_not_name_comes_last():
    assert allowed(DEMO, 27, 0, "points", FIRST).allowed and not allowed(DEMO, 27, 0, "other", FIRST).allowed


def test_no_plan_no_bound():
    assert allowed(FREE, 10_000, 10**9, "points", FIRST).allowed
    assert calls_left(FREE, 10_000, 10**9) is None


@pytest.mark.parametrize(
    ("minute", "month", "left"), [(0, 0, 30), (25, 0, 5), (0, 9_999, 1), (31, 0, 0), (0, 10_001, 0)]
)
def test_the_tighter_bound_says_what_is_left(minute: int, month: int, left: int):
    assert calls_left(DEMO, minute, month) == left


@given(st.integers(0, 40), st.integers(0, 11_000), st.integers(0, 365 * 24))
def test_a_lesser_kind_never_goes_where_a_more_important_one_may_not(minute: int, month: int, hours: int):
    now = FIRST + timedelta(hours=hours)
    answers = [allowed(DEMO, minute, month, need.kind, now).allowed for need in NEEDS]
    assert answers == sorted(answers, reverse=True)


def test_a_plan_of_one_call_a_minute_still_serves_everybody():
    tight = Plan(per_minute=1, per_month=None, needs=NEEDS)
    assert allowed(tight, 0, 0, "points", FIRST).allowed
