"""What came, what became of it and how long it took: counted for every process together, and lost by none."""

from contextlib import suppress

import pytest
from django.conf import settings

from core.api.meter import BOUNDS, MemoryStore, Meter, RedisStore, quantile, surface_of
from core.api.metered import metered_wsgi
from core.api.throttling import redis_link

NOON = 1_700_000_000 // 3600 * 3600


class Clock:
    now = float(NOON)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["memory", "redis"])
def store(request, clock):
    if request.param == "memory":
        return MemoryStore(clock)
    if not settings.REDIS_URL:
        pytest.skip("needs Redis")
    return RedisStore(redis_link(), settings.KEY_PREFIX, clock)


@pytest.mark.parametrize(
    ("path", "surface"),
    [
        ("/", "pages"), ("/tokens/SOL", "pages"), ("/api/v1/market/tokens", "API"), ("/api/docs/", "API"),
        ("/api/v1/health", "health"), ("/health/live", "health"), ("/metrics", "health"), ("/admin/", "staff"),
        ("/static/css/base.css", "files"), ("", "pages"), ("/apiary", "pages"),
    ],
)  # fmt: skip
def test_every_path_belongs_to_a_surface(path, surface):
    assert surface_of(path) == surface


def test_requests_are_told_by_minute_surface_and_class(store, clock):
    meter = Meter(store, clock)
    for status, seconds in ((200, 0.001), (200, 0.03), (404, 0.001), (503, 20.0)):
        meter.count("/api/v1/x", status, seconds)
    clock.now += 60
    meter.count("/", 200, 0.2)
    first, second = meter.read(10)
    assert (first.surface, first.by_class) == ("API", {"2xx": 2, "4xx": 1, "5xx": 1})
    assert (first.within[0], first.within[3], first.within[-1]) == (2, 1, 1)
    assert (second.surface, second.by_class, second.at.timestamp()) == ("pages", {"2xx": 1}, NOON + 60)
    assert meter.read(0) == [second]


def test_several_processes_are_seen_together(store, clock):
    one, other = Meter(store, clock), Meter(store, clock)
    one.count("/", 200, 0.1)
    other.count("/", 200, 0.1)
    other.flush()
    assert one.read(1)[0].by_class == {"2xx": 2}
    assert one.totals()[0].by_class == {"2xx": 2}


def test_what_is_counted_is_handed_over_with_a_request_every_few_seconds(clock):
    store = MemoryStore(clock)
    meter = Meter(store, clock)
    meter.count("/", 200, 0.1)
    assert not store.totals()
    clock.now += 6
    meter.count("/", 200, 0.1)
    assert sum(store.totals().values()) == 4


def test_what_cannot_be_handed_over_waits_and_is_not_kept_for_ever(clock):
    class Away(MemoryStore):
        is_away = True

        def add(self, counts):
            return not self.is_away and super().add(counts)

    store = Away(clock)
    meter = Meter(store, clock)
    meter.count("/", 200, 0.1)
    assert meter.read(1) == []
    store.is_away = False
    assert meter.read(1)[0].by_class == {"2xx": 1}
    store.is_away = True
    meter.count("/", 200, 0.1)
    clock.now += 4 * 3600
    meter.flush()
    store.is_away = False
    assert meter.totals()[0].by_class == {"2xx": 1}


def test_old_minutes_are_forgotten_and_the_total_is_not(store, clock):
    meter = Meter(store, clock)
    meter.count("/", 200, 0.1)
    meter.flush()
    clock.now += 4 * 3600
    meter.count("/", 200, 0.1)
    assert len(meter.read(180)) == 1
    assert meter.totals()[0].by_class == {"2xx": 2}


def test_half_of_the_requests_stayed_below_the_median():
    within = [0] * (len(BOUNDS) + 1)
    within[0], within[1] = 50, 50
    assert quantile(tuple(within), 0.5) == pytest.approx(BOUNDS[0])
    assert BOUNDS[0] < quantile(tuple(within), 0.95) < BOUNDS[1]
    assert quantile((0,) * len(within), 0.5) is None
    assert quantile((0,) * (len(within) - 1) + (5,), 0.95) == BOUNDS[-1]


@pytest.mark.parametrize("fails", [False, True])
def test_a_request_that_breaks_is_counted_too(monkeypatch, clock, fails):
    counted = Meter(MemoryStore(clock), clock)
    monkeypatch.setattr("core.api.metered.meter", lambda: counted)

    def app(environ, start_response):
        if fails:
            raise RuntimeError
        start_response("204 No Content", [])
        return []

    with suppress(RuntimeError):
        metered_wsgi(app)({"PATH_INFO": "/api/x"}, lambda *about: None)
    assert counted.read(1)[0].by_class == ({"5xx": 1} if fails else {"2xx": 1})
