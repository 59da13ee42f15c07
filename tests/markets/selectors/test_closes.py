"""Closes at chosen times, by the hour and by the day: what is stored and nothing else, whatever way it is read."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from markets.models import Candle, Token
from markets.selectors.closes import Floats, Seconds, closes_at, closes_of
from markets.selectors.panel import daily_closes
from tests.make.markets import a_token, candles

pytestmark = pytest.mark.django_db
HOUR, QUARTER, DAY = 3600, 900, 86_400
END = datetime(2026, 3, 20, tzinfo=UTC)
LAST = int(END.timestamp())


def by_the_rule(tokens: list[Token], times: Seconds) -> Floats:
    """Of each time the hour that closed then, else the one before it, from all that is stored."""
    stored = Candle.objects.filter(interval=HOUR).values_list("token_id", "open_time", "close")
    known = {(token, int(at.timestamp()) + HOUR): close for token, at, close in stored}
    return np.array(
        [
            [known.get((one.pk, at), known.get((one.pk, at - HOUR), np.nan)) for one in tokens]
            for at in times.tolist()
        ]
    )


def with_holes() -> list[Token]:
    """Forty days: hours that are missing here and there, whole days, a late and an early end, and nothing at all."""
    dice, hours = random.Random(5), 40 * 24
    walk = [100.0 + dice.random() for _ in range(hours)]
    closes = {
        "WHOLE": walk,
        "HOLES": [None if dice.random() < 0.4 else close for close in walk],
        "DAYS": [None if 200 < place < 500 else close for place, close in enumerate(walk)],
        "LATE": [None if place < 700 else close for place, close in enumerate(walk)],
        "ENDED": [None if place > 300 and place % 24 != 22 else close for place, close in enumerate(walk)],
        "NONE": [],
    }
    tokens = [a_token(symbol) for symbol in closes]
    for token in tokens:
        candles(token, HOUR, closes[token.symbol], END)
        candles(token, QUARTER, [1.0] * 200, END)
    return tokens[::-1]


def test_days_have_the_closes_of_their_hours_and_nothing_is_filled_in():
    tokens = with_holes()
    midnights = np.arange(LAST - 45 * DAY, LAST + 1, DAY)
    for times in (
        midnights,
        np.append(midnights, LAST + 5 * HOUR),
        midnights[20:] - 7 * HOUR,
        midnights[::3],
    ):
        found = closes_at([token.pk for token in tokens], times)
        np.testing.assert_array_equal(found, by_the_rule(tokens, times))
        assert np.isnan(found).any()
        assert np.isfinite(found).any()


def test_a_day_that_is_stored_later_or_by_another_hand_is_there_at_once():
    token = a_token()
    times = np.array([LAST - 2 * DAY, LAST - DAY, LAST])
    candles(token, HOUR, [1.0], END - timedelta(days=2))
    assert closes_at([token.pk], times)[:, 0].tolist() == pytest.approx([1.0, np.nan, np.nan], nan_ok=True)
    candles(token, HOUR, [2.0] * 24 + [3.0] * 24, END)
    Candle.objects.filter(open_time=END - timedelta(hours=1)).update(close=3.01)
    Candle.objects.filter(open_time=END - timedelta(days=2, hours=1)).delete()
    assert closes_at([token.pk], times)[:, 0].tolist() == pytest.approx([np.nan, 2.0, 3.01], nan_ok=True)


def test_daily_closes_are_those_of_midnight_alone():
    token = a_token()
    candles(token, HOUR, [*[1.0] * 24, *[2.0] * 23, None, *[3.0] * 24], END)
    noon = END + timedelta(hours=12)
    assert daily_closes([token.pk], noon, 4)[:, 0].tolist() == pytest.approx(
        [np.nan, 1.0, np.nan, 3.0], nan_ok=True
    )
    assert daily_closes([token.pk], END - timedelta(seconds=1), 1).tolist() == pytest.approx(
        np.array([[np.nan]]), nan_ok=True
    )
    assert daily_closes([], noon, 2).shape == (2, 0)


def test_daily_closes_are_read_from_their_own_index():
    tokens = with_holes()
    with CaptureQueriesContext(connection) as asked:
        daily_closes([token.pk for token in tokens], END, 40)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE markets_candle")
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            ("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + asked[-1]["sql"]
        )
        plan = str(cursor.fetchall())
    assert "candle_daily_closes" in plan


def test_closes_are_those_of_the_hour_or_the_one_before_it():
    one = a_token("ONE")
    two = a_token("TWO")
    candles(one, HOUR, [1.0, 2.0, None, None, 5.0] * 40, END)
    candles(two, HOUR, [7.0] * 200, END)
    times = np.arange(LAST - 4 * HOUR, LAST + 1, HOUR)
    near = closes_at([two.pk, one.pk], times)
    assert near[:, 1].tolist() == pytest.approx([1.0, 2.0, 2.0, np.nan, 5.0], nan_ok=True)
    assert closes_at([two.pk, one.pk], times[:0]).shape == (0, 2)
    apart = np.array([LAST - 152 * HOUR, LAST - 51 * HOUR, LAST])
    assert closes_at([two.pk, one.pk], apart)[:, 1].tolist() == pytest.approx([2.0, np.nan, 5.0], nan_ok=True)
    asked = [(one.pk, LAST), (one.pk, LAST - HOUR), (one.pk, LAST - 2 * HOUR), (two.pk, LAST - HOUR * 500)]
    assert closes_of(asked) == {(one.pk, LAST): 5.0, (one.pk, LAST - 2 * HOUR): 2.0}
    assert closes_of([]) == {}
