"""Limits of others hold in any stretch of time, in memory and in Redis alike."""

import random

import pytest
from django.conf import settings

from core.net.pace import AWAY_SECONDS, MemoryPace, RedisPace, Spending
from core.net.redis_link import RedisLink


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def one(cost=1, allowance=10, seconds=10.0, name="binance:weight:all"):
    return Spending(name, cost, allowance, seconds)


def test_no_stretch_holds_more_than_is_allowed():
    clock, drawn, taken = Clock(), random.Random(7), []
    pace = MemoryPace(clock)
    for _ in range(5000):
        cost = drawn.choice([1, 1, 2, 5])
        if pace.take([one(cost)]) == 0:
            taken.append((clock.now, cost))
        clock.now += drawn.expovariate(4)
    for start, _ in taken:
        assert sum(cost for at, cost in taken if start <= at < start + 10) <= 10
    assert sum(cost for _, cost in taken) > 0.7 * 10 * (taken[-1][0] - taken[0][0]) / 10


def test_who_waits_as_long_as_he_was_told_has_his_turn():
    clock = Clock()
    pace = MemoryPace(clock)
    for _ in range(10):
        assert pace.take([one()]) == 0
    wait = pace.take([one()])
    assert 10 <= wait <= 12
    clock.now += wait
    assert pace.take([one(10)]) == 0


def test_what_one_limit_refuses_takes_nothing_from_the_others():
    pace = MemoryPace(Clock())
    both = [one(name="mine", allowance=1), one(name="all", allowance=3)]
    assert pace.take(both) == 0
    assert pace.take(both) > 0
    assert pace.take([one(2, name="all", allowance=3)]) == 0


def test_a_rest_holds_everybody_up():
    clock = Clock()
    pace = MemoryPace(clock)
    pace.rest("binance:weight:all", 30)
    assert pace.take([one()]) == 30
    clock.now += 30
    assert pace.take([one()]) == 0


def test_what_costs_more_than_there_ever_is_waits_for_all_of_it():
    clock = Clock()
    pace = MemoryPace(clock)
    assert pace.take([one(99)]) == 0
    clock.now += pace.take([one()])
    assert pace.take([one()]) == 0


@pytest.mark.skipif(not settings.REDIS_URL, reason="needs Redis")
def test_redis_counts_as_memory_does():
    link = RedisLink(settings.REDIS_URL)
    pace = RedisPace(link, f"{settings.KEY_PREFIX}:test")
    name = f"test:{random.SystemRandom().random()}"
    taken = [pace.take([one(4, name=name, seconds=60)]) for _ in range(3)]
    assert taken[:2] == [0, 0] and 50 < taken[2] <= 72
    assert pace.take([one(2, name=name, seconds=60), one(name=f"{name}-other")]) == 0
    pace.rest(name, 100)
    assert 99 < pace.take([one(name=name, seconds=60)]) <= 100


def test_while_nobody_can_count_nothing_is_spent():
    pace = RedisPace(RedisLink("redis://127.0.0.1:1/0"), "nobody")
    assert pace.take([one()]) == AWAY_SECONDS
    pace.rest("binance:weight:all", 5)
