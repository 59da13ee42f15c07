"""Redis for work that must never wait: one short round trip, or `Away` at once.

redis-py's connections and parser without its client layer, which costs three times the round trip itself.
"""

import os
import time
from collections import deque
from collections.abc import Callable
from hashlib import sha1
from typing import Any

import redis
import structlog
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.retry import Retry

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 0.25
PAUSE_SECONDS = 1.0

Argument = str | bytes | int


class Away(Exception):
    """Redis did not answer in time, or has just not answered; do without it."""


class Refused(Away):
    """Redis answered with an error."""


def packed(*arguments: Argument) -> bytes:
    """One command in Redis' protocol."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        text = argument if isinstance(argument, bytes) else str(argument).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return b"".join(parts)


class Script:
    """A Lua script, known to the server by its digest."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisLink:
    """A few connections shared by all threads. After a failure Redis is left alone for a second, so that a
    dead server costs one time-out a second and not one a request."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            health_check_interval=0,
            retry=Retry(NoBackoff(), 0),
        )
        self._clock = clock
        self._away_until = 0.0
        self._idle: deque[Any] = deque()
        self._process = os.getpid()

    def run(self, *arguments: Argument) -> Any:
        """The reply to one command. Raises Away."""
        return self._send(packed(*arguments))

    def hash(self, key: str) -> dict[bytes, bytes]:
        """All of a hash, whichever protocol the server speaks. Raises Away."""
        reply = self.run("HGETALL", key)
        return reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))

    def script(self, script: Script, keys: tuple[str, ...], *arguments: Argument) -> Any:
        """The reply to a script, which is sent in full only where the server doesn't know it yet. Raises
        Away."""
        try:
            return self._send(packed("EVALSHA", script.digest, len(keys), *keys, *arguments))
        except NoScriptError:
            return self._send(packed("EVAL", script.text, len(keys), *keys, *arguments))

    def _send(self, command: bytes) -> Any:
        if self._clock() < self._away_until:
            raise Away
        connection, is_used = self._take()
        try:
            return self._ask(connection, command)
        except Refused:
            raise
        except Away:
            if not is_used:
                self._leave_alone()
                raise
        # A connection that lay idle may have been cut by a restart: one more try on a new one, and the others
        # go too.
        self._drop_idle()
        try:
            return self._ask(self._new(), command)
        except Away:
            self._leave_alone()
            raise

    def _leave_alone(self) -> None:
        self._away_until = self._clock() + PAUSE_SECONDS
        log.warning("redis_away", asked_again_in_seconds=PAUSE_SECONDS)

    def _ask(self, connection: Any, command: bytes) -> Any:
        try:
            connection.send_packed_command([command], check_health=False)
            reply = connection.read_response()
        except NoScriptError:
            self._idle.append(connection)
            raise
        except (
            ResponseError
        ) as error:  # full, read-only or loading: it answers, but not with what was asked for
            self._idle.append(connection)
            log.warning("redis_refused", error=str(error)[:200])
            raise Refused from error
        except (RedisError, OSError) as error:
            connection.disconnect()  # a late reply must not be taken for the answer to the next question
            raise Away from error
        self._idle.append(connection)
        return reply

    def _take(self) -> tuple[Any, bool]:
        if self._process != os.getpid():  # a forked child must not share its parent's sockets
            self._idle, self._process = deque(), os.getpid()
        try:
            return self._idle.pop(), True
        except IndexError:
            return self._new(), False

    def _new(self) -> Any:
        return self._pool.make_connection()

    def _drop_idle(self) -> None:
        while self._idle:
            try:
                self._idle.pop().disconnect()
            except IndexError:
                return

    def close(self) -> None:
        self._drop_idle()
