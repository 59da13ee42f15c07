"""The collector: waits for its turn, listens, and begins anew whenever the connection is lost."""

import os
import random
import socket
import threading
import time
from collections.abc import Callable
from secrets import token_hex

import structlog
from django.conf import settings
from django.db import DatabaseError

from core.lib.errors import Conflict, SourceFailure
from core.net.retry import backoff_seconds
from markets.providers.binance.ticker import GoingDown
from markets.services.streaming import lease
from markets.services.streaming.connection import AnotherMarket, Lost, StreamConnection
from markets.services.streaming.desk import Desk, let_go_of_database
from markets.services.streaming.rhythm import USUAL, Every, Rhythm

log = structlog.get_logger(__name__)
LONGEST_LOOK_AWAY = 0.5
LONG_PAUSE = 60.0
"""Where only a person can help."""


def collect(stopped: threading.Event, rhythm: Rhythm = USUAL) -> None:
    """Until it is told to stop. Whatever happens, it begins anew; where no stream is wanted it only waits."""
    if not settings.MARKET.stream_url:
        stopped.wait()
        return
    Collector(stopped, rhythm).run()


class Collector:
    def __init__(
        self, stopped: threading.Event, rhythm: Rhythm = USUAL, drawn: Callable[[], float] = random.random
    ) -> None:
        self.name = f"{socket.gethostname()[:32]}:{os.getpid()}:{token_hex(4)}"
        self._stopped, self._rhythm, self._drawn = stopped, rhythm, drawn
        self._desk = Desk(self.name, rhythm)
        self._failures = 0

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._take_turn()
                self._stopped.wait(self._rhythm.turn)
            lease.release(self.name)
        except DatabaseError as error:  # then the lease runs out by itself
            log.warning("stream_without_database", error=type(error).__name__)
        finally:
            let_go_of_database()

    def _take_turn(self) -> None:
        """Collect for as long as the lease is ours. What goes wrong ends the turn, not the collector."""
        try:
            if lease.take_lease(self.name):
                log.info("stream_collector_works", collector=self.name)
                while not self._stopped.is_set():
                    self._collect_once()
        except lease.LeaseLost:
            log.warning("stream_lease_lost", collector=self.name)
        except Conflict as error:
            log.error("stream_of_another_market", why=error.message)
            self._stopped.wait(LONG_PAUSE)
        except DatabaseError as error:
            log.warning("stream_without_database", error=type(error).__name__)
            let_go_of_database()
        except Exception:  # the stream matters too much to end with a fault in it
            log.exception("stream_collector_failed")
            let_go_of_database()

    def _collect_once(self) -> None:
        """One connection, and the pause after it."""
        began, wait, is_ours = time.monotonic(), 0.0, True
        try:
            why = self._connected()
        except Lost as error:
            why = str(error)
        except SourceFailure as failure:
            why, wait = failure.message, failure.retry_after or 0.0
            is_ours = not isinstance(failure, AnotherMarket)
        else:
            if not why:
                return
        if time.monotonic() - began >= self._rhythm.steady:
            self._failures = 0
        self._failures += 1
        lease.lost(self.name, why)
        pause = backoff_seconds(self._failures, self._rhythm.backoff, self._drawn(), wait)
        log.warning("stream_lost", why=why, again_in_seconds=round(pause, 1))
        if is_ours:
            self._desk.ask_for_replies()
        self._wait(pause)

    def _connected(self) -> str:
        """Why it was given up; empty where a new one shall follow at once. Raises Lost and SourceFailure."""
        if not self._desk.look_up_pairs():
            self._wait(self._rhythm.turn)
            return ""
        market = settings.MARKET
        with StreamConnection(
            market.stream_url, list(self._desk.pairs), market.kind, ping=self._rhythm.ping
        ) as stream:
            lease.opened(self.name)
            log.info("stream_opened", pairs=len(self._desk.pairs))
            self._desk.fill_gap()
            return self._listen(stream)

    def _listen(self, stream: StreamConnection) -> str:
        renewal = Every(self._rhythm.renewal, at_once=False)
        looking = Every(self._rhythm.pairs, at_once=False)
        heard = time.monotonic()
        while not self._stopped.is_set():
            message = stream.hear(min(self._desk.until_fold(), LONGEST_LOOK_AWAY))
            try:
                if message is not None and self._desk.take(message):
                    heard = time.monotonic()
            except GoingDown:
                return ""
            self._desk.work()
            if time.monotonic() - heard > self._patience():
                return f"silent for {self._patience():g} s"
            if renewal.is_due():
                return ""
            if looking.is_due():
                stream.listen_to(self._desk.look_up_pairs())
        return ""

    def _patience(self) -> float:
        return float("inf") if settings.MARKET.replay else self._rhythm.silence

    def _wait(self, seconds: float) -> None:
        """As long as it takes, but alive."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and not self._stopped.wait(min(left, LONGEST_LOOK_AWAY)):
            self._desk.work()
