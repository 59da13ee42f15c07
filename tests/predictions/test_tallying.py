"""Class counts are kept up day by day, and the baseline adds up only what had matured before its day."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from django.db import connection, transaction

from markets.models import Candle
from predictions.engines import climatology
from predictions.features.frame import History
from predictions.horizons import by_name
from predictions.models import ClassTally, TallyMark
from predictions.selectors.tallies import baseline_counts
from predictions.services.candle_folders import HOUR as HOUR_SECONDS
from predictions.services.tallying import keep_tallies
from tests.make.markets import NOON, a_token, candles
from tests.make.predictions import with_history

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WAITING = "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def tallies(**lookups):
    rows = ClassTally.objects.filter(**lookups).order_by("timeframe", "day")
    return list(rows.values_list("timeframe", "day", "up", "down", "sideways"))


def test_whole_days_alone_are_counted():
    with_history(a_token(), days=45)
    assert keep_tallies(NOON) == 1
    days = {day for _, day, *_ in tallies()}
    assert max(days) == date(2026, 11, 19)
    hourly = [sum(counts) for name, day, *counts in tallies() if name == "1h" and day > date(2026, 11, 10)]
    assert hourly == [24] * 9


def test_the_counts_are_those_of_the_arithmetic():
    token = with_history(a_token(), days=45)
    keep_tallies(NOON)
    rows = Candle.objects.filter(token=token, interval=3600).order_by("open_time")
    times = np.array([int(row.open_time.timestamp()) + HOUR_SECONDS for row in rows])
    close = np.array([[row.close] for row in rows])
    empty = np.full(close.shape, np.nan)
    history = History((token.pk,), times, close, empty, empty, empty)
    days, counts = climatology.history_counts(history, by_name["4h"])
    wanted = [
        tuple(row) for row, day in zip(counts[:, 0].tolist(), days, strict=True) if sum(row) and day < 20777
    ]
    assert [tuple(counts) for _, _, *counts in tallies(timeframe="4h")] == wanted


def test_counting_day_by_day_gives_the_same_as_all_at_once():
    with_history(a_token(), days=100)
    keep_tallies(NOON - 2 * DAY)
    keep_tallies(NOON - DAY)
    keep_tallies(NOON)
    grown = tallies()
    TallyMark.objects.all().delete()
    keep_tallies(NOON)
    assert tallies() == grown


def test_nothing_is_counted_twice():
    with_history(a_token(), days=45)
    keep_tallies(NOON)
    before = tallies()
    assert keep_tallies(NOON + timedelta(hours=1)) == 0
    assert tallies() == before


def test_a_deeper_back_fill_is_counted_anew():
    token = with_history(a_token(), days=40)
    keep_tallies(NOON)
    shallow = len(tallies())
    rng = np.random.default_rng(3)
    closes = (100 * np.exp(np.cumsum(rng.normal(0, 0.005, 400)))).tolist()
    candles(token, 3600, closes, NOON - 40 * DAY)
    assert keep_tallies(NOON, deeper=False) == 0
    assert keep_tallies(NOON) == 1
    assert len(tallies()) > shallow


def test_a_day_that_was_missed_for_long_is_counted_too():
    with_history(a_token(), days=60)
    keep_tallies(NOON - 10 * DAY)
    keep_tallies(NOON)
    days = [day for name, day, *_ in tallies() if name == "1h"]
    assert [later - earlier for earlier, later in pairwise(days)] == [DAY] * (len(days) - 1)


def test_a_token_without_candles_is_left_alone():
    a_token()
    assert keep_tallies(NOON) == 0


def a_tally(token, day, up, down, sideways):
    ClassTally.objects.create(token=token, timeframe="1h", day=day, up=up, down=down, sideways=sideways)


def test_the_baseline_adds_up_the_365_whole_days_before():
    token = a_token()
    a_tally(token, date(2026, 11, 20), 100, 0, 0)
    a_tally(token, date(2026, 11, 19), 1, 2, 3)
    a_tally(token, date(2025, 11, 20), 10, 20, 30)
    a_tally(token, date(2025, 11, 19), 100, 0, 0)
    counts = baseline_counts([token.pk], "1h", NOON)
    assert counts.classes.tolist() == [[11, 22, 33]]
    assert counts.span_seconds.tolist() == [365 * 86400]


def test_a_token_that_was_never_counted_has_none():
    counts = baseline_counts([a_token().pk], "1h", NOON)
    assert counts.classes.tolist() == [[0, 0, 0]]
    assert counts.span_seconds.tolist() == [0]


def test_the_baseline_is_read_once_a_day(django_assert_max_num_queries):
    token = with_history(a_token(), days=40)
    keep_tallies(NOON)
    baseline_counts([token.pk], "1h", NOON)
    with django_assert_max_num_queries(1):
        baseline_counts([token.pk], "4h", NOON + timedelta(hours=1))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_two_who_count_at_once_do_each_other_no_harm():
    with_history(a_token())
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            keep_tallies(NOON)
            other = pool.submit(counted_elsewhere)
            until_somebody_waits()
        assert other.result() == 1


def counted_elsewhere():
    try:
        return keep_tallies(NOON)
    finally:
        connection.close()


def until_somebody_waits():
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
