"""Where one second's messages become one stored price a token, and where garbage is counted.

Nothing is lost by a database that is away: the newest price of each pair waits for the next second.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from core.lib.clock import market_now, wall_now
from core.lib.errors import ReplyRefused, SourceFailure
from markets.providers.base import Parsed, Tick
from markets.providers.binance.ticker import read_message
from markets.services import clients
from markets.services.ledger import note_calls
from markets.services.price_turns import forget_turns
from markets.services.source_states import BINANCE, ask, refused
from markets.services.streaming import lease
from markets.services.streaming.fold import Fold, Garbage
from markets.services.streaming.pairs import followed_pairs, is_a_dollar
from markets.services.streaming.rhythm import Every, Rhythm
from markets.services.tick_storage import OLDER, StoredTicks, store_ticks

log = structlog.get_logger(__name__)
STREAM, REPLY = "stream", "ticker/24hr"
REFUSALS_TOLD = 20
NO_GAP = timedelta(seconds=10)


class Desk:
    """Of one collector, whose `name` holds the lease."""

    def __init__(self, name: str, rhythm: Rhythm) -> None:
        self.pairs: dict[str, int] = {}
        self.heard_at: datetime | None = None
        self._name, self._rhythm = name, rhythm
        self._fold, self._garbage = Fold(), Garbage()
        self._refused = 0
        self._first_at: float | None = None
        self._folded_at = -float("inf")
        self._is_a_dollar = True
        self._heartbeat, self._telling = Every(rhythm.heartbeat), Every(rhythm.refusals)
        self._asking = Every(rhythm.replies)
        self._forgetting = Every(rhythm.pairs)

    def look_up_pairs(self) -> dict[str, int]:
        self.pairs, self._is_a_dollar = followed_pairs(), is_a_dollar()
        return self.pairs

    def take(self, message: str | bytes) -> bool:
        """Whether it was a price that makes sense. Raises GoingDown."""
        try:
            tick = read_message(message, self.pairs, market_now())
        except ReplyRefused as error:
            return self._refuse(error.message)
        if tick is None:
            return False
        if not self._is_a_dollar:
            return self._refuse("USDT is off its peg: its pairs cannot be told in USD", tick.listing)
        if reason := self._fold.take(tick):
            return self._refuse(reason, tick.listing)
        self.heard_at = wall_now()
        self._first_at = self._first_at or time.monotonic()
        return True

    def until_fold(self) -> float:
        """Seconds."""
        if self._first_at is None or not self._fold.ticks:
            return self._rhythm.fold
        due = max(self._first_at + self._rhythm.gather, self._folded_at + self._rhythm.fold)
        return due - time.monotonic()

    def work(self) -> None:
        """Store what is due. Raises LeaseLost."""
        try:
            if self._fold.ticks and self.until_fold() <= 0:
                self._store_fold()
            elif self._heartbeat.is_due():
                self._beat()
            if self._garbage and self._telling.is_due():
                refused(BINANCE, STREAM, self._garbage.told(REFUSALS_TOLD))
        except DatabaseError as error:
            self._without_database(error)

    def fill_gap(self) -> None:
        """What was missed until this connection, unless it was next to nothing."""
        if self.heard_at is not None and wall_now() - self.heard_at > NO_GAP:
            self._asking = Every(self._rhythm.replies)
        self.ask_for_replies()

    def ask_for_replies(self) -> None:
        """What the stream would have said, at most so often, from Binance's other door. Raises LeaseLost."""
        if not self.pairs or not self._asking.is_due():
            return
        client = clients.hurried_binance()
        try:
            self._store_reply(ask(BINANCE, REPLY, lambda: client.ticks(list(self.pairs), market_now())))
            note_calls(BINANCE, client.calls_made())
        except SourceFailure as failure:
            log.warning("stream_gap_not_filled", why=failure.message)
        except DatabaseError as error:
            self._without_database(error)

    def _store_reply(self, parsed: Parsed[Tick]) -> None:
        with transaction.atomic():
            lease.renew_lease(self._name)
            stored = self._store(parsed.records if self._is_a_dollar else [])
        news = [refusal for refusal in stored.refusals if refusal.reason != OLDER]
        refused(BINANCE, REPLY, [*parsed.refusals, *news])

    def _store_fold(self) -> None:
        self._folded_at = time.monotonic()
        with transaction.atomic():
            self._renew()
            stored = self._store(self._fold.ticks.values(), self._fold.turns)
            if self._forgetting.is_due():
                forget_turns(market_now())
        self._renewed()
        self._fold.done()
        self._first_at = None
        for refusal in stored.refusals:
            self._refuse(refusal.reason, refusal.subject)

    def _store(self, ticks: Iterable[Tick], turns: Iterable[Tick] = ()) -> StoredTicks:
        followed = [tick for tick in ticks if tick.listing in self.pairs]
        left = [turn for turn in turns if turn.listing in self.pairs]
        source = settings.MARKET.stamp(BINANCE)
        return store_ticks(followed, self.pairs, source=source, now=market_now(), turns=left)

    def _beat(self) -> None:
        self._renew()
        self._renewed()

    def _without_database(self, error: DatabaseError) -> None:
        log.warning("stream_without_database", error=type(error).__name__)
        self._folded_at = time.monotonic()
        let_go_of_database()

    def _renew(self) -> None:
        lease.renew_lease(self._name, self.heard_at, self._refused)

    def _renewed(self) -> None:
        self._refused = 0
        self._heartbeat = Every(self._rhythm.heartbeat, at_once=False)

    def _refuse(self, reason: str, subject: str = "") -> bool:
        self._garbage.add(reason, subject)
        self._refused += 1
        return False


def let_go_of_database() -> None:
    """The next query opens a new connection. Not inside a transaction: it would be somebody else's (a test's)."""
    if not connection.in_atomic_block:
        connection.close()
