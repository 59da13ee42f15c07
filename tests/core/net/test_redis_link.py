"""Redis is asked in one short round trip, or done without."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.conf import settings

from core.net import redis_link
from core.net.redis_link import Away, RedisLink, Refused, Script, packed

USUAL_TIMEOUT = redis_link.TIMEOUT_SECONDS
"""As it is outside of tests, which let Redis take its time."""


@pytest.fixture
def link() -> Iterator[RedisLink]:
    if not settings.REDIS_URL:
        pytest.skip("REDIS_URL is not set: the link to Redis is not tested")
    link = RedisLink(settings.REDIS_URL)
    yield link
    link.close()


def key(name: str) -> str:
    return f"{settings.KEY_PREFIX}:link:{name}"


def test_a_command_is_packed_in_redis_protocol():
    assert packed("GET", b"a", 7) == b"*3\r\n$3\r\nGET\r\n$1\r\na\r\n$1\r\n7\r\n"


def test_bytes_come_back_as_they_were_sent(link: RedisLink):
    body = bytes(range(256)) * 100
    link.run("SET", key("bytes"), body, "PX", 1000)
    assert link.run("GET", key("bytes")) == body


def test_a_script_that_the_server_has_forgotten_is_sent_again(link: RedisLink):
    echo = Script(f"return ARGV[1] .. '{time.time()}'")
    assert link.script(echo, (), "a").startswith(b"a")
    assert link.script(echo, (), "b").startswith(b"b")


def test_threads_get_their_own_answers(link: RedisLink):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: int(link.run("ECHO", number)), range(500)))
    assert answers == list(range(500))


def test_a_refused_command_leaves_the_link_usable(link: RedisLink):
    link.run("SET", key("text"), "x", "PX", 1000)
    with pytest.raises(Refused):
        link.run("INCR", key("text"))
    assert link.run("ECHO", "on") == b"on"


def test_a_connection_that_was_cut_is_replaced(link: RedisLink):
    link.run("ECHO", "a")
    link._idle[0]._sock.shutdown(socket.SHUT_RDWR)
    assert link.run("ECHO", "b") == b"b"


def test_a_dead_server_is_left_alone_for_a_second():
    now = [0.0]
    link = RedisLink("redis://127.0.0.1:1/0", clock=lambda: now[0])
    with pytest.raises(Away):
        link.run("PING")
    link._take = None  # whoever wants a connection now fails
    for _ in range(1000):
        with pytest.raises(Away):
            link.run("PING")
    now[0] += 1
    with pytest.raises(TypeError):
        link.run("PING")


def test_a_silent_server_costs_one_short_wait(monkeypatch):
    monkeypatch.setattr(redis_link, "TIMEOUT_SECONDS", USUAL_TIMEOUT)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        link = RedisLink(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        silent.setblocking(False)
        began = time.monotonic()
        for _ in range(100):
            with pytest.raises(Away):
                link.run("PING")
        seconds = time.monotonic() - began
        link.close()
        assert _waiting(silent) <= 1 + seconds, "one connection a second"


def _waiting(listener: socket.socket) -> int:
    """How many have connected."""
    number = 0
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            number += 1
    return number
