"""Ready bytes: true until they expire or are dropped, shared over Redis, and never the cause of an error."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from core.api import hot
from core.api.hot.shared import SharedBytes
from core.api.hot.store import MOST_BYTES, MOST_ENTRIES, HotStore
from core.net.redis_link import RedisLink

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PATH = "/api/v1/market/solana"


class Clock:
    def __init__(self) -> None:
        self.at = NOON.timestamp()

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "redis"])
def stores(request: pytest.FixtureRequest, clock: Clock) -> Iterator[tuple[HotStore, HotStore]]:
    """Two processes' stores; embedded there is one process, so they are the same."""
    if request.param == "memory":
        one = HotStore(clock=clock)
        yield one, one
        return
    if not settings.REDIS_URL:
        pytest.skip("REDIS_URL is not set: ready bytes in Redis are not tested")
    links = [RedisLink(settings.REDIS_URL) for _ in range(2)]
    one, two = (HotStore(SharedBytes(link, settings.KEY_PREFIX), clock) for link in links)
    yield one, two
    one.drop("/")
    for link in links:
        link.close()


def until(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_what_one_puts_the_other_gets(stores: tuple[HotStore, HotStore]):
    one, two = stores
    one.put(PATH, b"body", until(60), 5)
    ready = two.get(PATH)
    assert ready is not None
    assert (ready.body, ready.max_age, ready.content_type) == (b"body", 5, "application/json")
    assert ready.etag == one.get(PATH).etag  # type: ignore[union-attr]


def test_bytes_expire_at_their_moment(stores: tuple[HotStore, HotStore], clock: Clock):
    one, two = stores
    one.put(PATH, b"body", until(60), 5)
    clock.at += 59.9
    assert two.get(PATH) is not None
    clock.at += 0.1
    assert one.get(PATH) is None and two.get(PATH) is None


def test_what_is_over_already_is_not_kept(stores: tuple[HotStore, HotStore]):
    one, _ = stores
    one.put(PATH, b"body", until(0), 5)
    assert one.get(PATH) is None


def test_a_drop_is_seen_here_at_once_and_elsewhere_within_a_second(
    stores: tuple[HotStore, HotStore], clock: Clock
):
    one, two = stores
    one.put(PATH, b"body", until(60), 5)
    two.get(PATH)
    one.drop("/api/v1/market")
    assert one.get(PATH) is None
    clock.at += 1.0
    assert two.get(PATH) is None


def test_a_newer_reply_is_seen_elsewhere_within_a_second(stores: tuple[HotStore, HotStore], clock: Clock):
    one, two = stores
    one.put(PATH, b"old", until(60), 5)
    two.get(PATH)
    one.put(PATH, b"new", until(60), 5)
    clock.at += 1.0
    assert two.get(PATH).body == b"new"  # type: ignore[union-attr]


def test_a_drop_takes_what_begins_so_and_nothing_else(stores: tuple[HotStore, HotStore]):
    one, two = stores
    for path in ("/api/v1/market/solana", "/api/v1/market/solana?a=1", "/api/v1/predictions/SOL"):
        one.put(path, b"body", until(60), 5)
    one.drop("/api/v1/market/")
    assert [two.get(path) is not None for path in (PATH, f"{PATH}?a=1", "/api/v1/predictions/SOL")] == [
        False,
        False,
        True,
    ]


def test_a_reply_made_of_old_rows_does_not_outlive_the_drop(stores: tuple[HotStore, HotStore]):
    one, two = stores
    since = one.moment()
    two.drop("/api/v1/predictions")
    one.put(PATH, b"old", until(60), 5, since=since)
    assert one.get(PATH) is None
    one.put(PATH, b"new", until(60), 5, since=one.moment())
    assert one.get(PATH) is not None


def test_without_redis_everything_is_a_miss_and_nothing_an_error():
    store = HotStore(SharedBytes(RedisLink("redis://127.0.0.1:1/0"), "nobody"))
    store.put(PATH, b"body", datetime.now(UTC) + timedelta(seconds=60), 5)
    store.drop("/")
    assert store.get(PATH) is None and store.moment() is None


def test_the_store_is_bounded_in_number(clock: Clock):
    store = HotStore(clock=clock)
    for number in range(MOST_ENTRIES + 10):
        store.put(f"{PATH}?a={number}", b"", until(60), 5)
    assert store.get(f"{PATH}?a=9") is None and store.get(f"{PATH}?a=10") is not None


def test_the_store_is_bounded_in_bytes(clock: Clock):
    store, large = HotStore(clock=clock), b"x" * (MOST_BYTES // 4)
    for number in range(5):
        store.put(f"{PATH}?a={number}", large, until(60), 5)
    assert [store.get(f"{PATH}?a={number}") is not None for number in range(5)] == [
        False,
        True,
        True,
        True,
        True,
    ]


def test_threads_never_see_a_torn_entry(clock: Clock):
    store = HotStore(clock=clock)

    def work(number: int) -> bool:
        body = str(number % 7).encode() * 50
        store.put(PATH, body, until(60), 5)
        if number % 11 == 0:
            store.drop("/api/v1")
        ready = store.get(PATH)
        return ready is None or len(set(ready.body)) == 1

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(4000)))
    store.drop("/")
    assert store._bytes == 0


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        (PATH, "", PATH),
        (f"{PATH}/", "", PATH),
        (PATH, "b=2&a=1", f"{PATH}?a=1&b=2"),
        (f"{PATH}//", "", f"{PATH}/"),
        (PATH, "a=1&a=2", None),
        (PATH, "a=%31", None),
        (PATH, "a=1+2", None),
        (PATH, "a=1&", None),
        (PATH, "a=" + "1" * 300, None),
        ("/api/v1/market/sölana", "", None),
        ("/api/v1/market/a b", "", None),
        ("/api/v1/" + "a" * 200, "", None),
        ("/market", "", None),
        (f"{PATH}\n", "", None),
        (PATH, "a=1\n", None),
    ],
)
def test_one_reply_has_one_name(path: str, query: str, name: str | None):
    assert hot.key(path, query) == name


def test_an_address_without_a_name_cannot_be_put():
    with pytest.raises(ValueError, match="odd"):
        hot.put(hot.key("/elsewhere"), b"", NOON, 5)
