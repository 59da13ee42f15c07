"""How sources fare: every call passes its circuit here, and what came of it is written down for staff to
see.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import structlog
from django.conf import settings
from django.db.models import F

from core.lib.clock import wall_now
from core.lib.errors import BudgetSpent, ReplyRefused, SourceFailure, SourceUnavailable
from core.net.breaker import Breaker, BreakerPolicy, on_failure, on_start, on_success
from markets.models import RefusedReply, SourceState
from markets.providers.base import CandleSource, NotListed, Refusal
from markets.services.candle_pages import GIVE_UP_AFTER, Answer
from markets.services.ledger import note_calls

log = structlog.get_logger(__name__)

COINGECKO, BINANCE = "coingecko", "binance"
REFUSALS_KEPT = 1000
_MOST_AT_ONCE = 50
# The longest pause is below one cycle of quotes, so that a source that is back is found within the next one.
_LIVE = BreakerPolicy(pause=timedelta(seconds=30), longest_pause=timedelta(minutes=4))
_SANDBOX = BreakerPolicy(pause=timedelta(seconds=1), longest_pause=timedelta(seconds=5))
T = TypeVar("T")


def ask(source: str, endpoint: str, call: Callable[[], T]) -> T:
    """The answer of one call, or its failure, both written down. A source whose circuit is open isn't
    asked.
    """
    admit(source)
    try:
        answer = call()
    except NotListed:
        succeeded(source)
        raise
    except BudgetSpent:
        raise
    except SourceFailure as failure:
        failed(source, endpoint, failure)
        raise
    succeeded(source)
    return answer


class Outcome:
    """What many calls at once came to."""

    def __init__(self) -> None:
        self.answers = 0
        self.failure: SourceFailure | None = None
        self._in_a_row = 0

    def count(self, answer: Answer) -> None:
        if isinstance(answer, SourceFailure) and not isinstance(answer, NotListed):
            self.failure = answer
            self._in_a_row += 1
        else:
            self.answers += 1
            self._in_a_row = 0

    @property
    def is_away(self) -> bool:
        """Nothing came, or it stopped coming."""
        return self.failure is not None and (not self.answers or self._in_a_row >= GIVE_UP_AFTER)

    def raise_where_nothing_came(self) -> None:
        if self.failure is not None and not self.answers:
            raise self.failure


@contextmanager
def asking_many(source: str, endpoint: str, client: CandleSource) -> Iterator[Outcome]:
    """The same for many calls that are made at once: the block counts their answers."""
    admit(source)
    outcome = Outcome()
    try:
        yield outcome
    finally:
        note_calls(source, client.calls_made())
    if outcome.failure is not None and outcome.is_away:
        failed(source, endpoint, outcome.failure)
    elif outcome.answers:
        succeeded(source)


def admit(source: str) -> None:
    """Raises SourceUnavailable while the circuit is open, or while somebody else makes the trial call."""
    now = wall_now()
    state, _ = SourceState.objects.get_or_create(name=source)
    before = _breaker(state)
    after = on_start(before, now, _policy())
    if after is None or (after != before and not _changed(source, before, after)):
        wait = max((state.retry_at - now).total_seconds(), 1.0) if state.retry_at else 1.0
        raise SourceUnavailable(
            f"{source} failed {state.failures} times in a row and is left alone for {wait:.0f} s.",
            retry_after=wait,
        )


def succeeded(source: str) -> None:
    SourceState.objects.filter(name=source).update(
        **_fields(on_success(Breaker())), last_success_at=wall_now()
    )


def failed(source: str, endpoint: str, failure: SourceFailure) -> None:
    now = wall_now()
    state = SourceState.objects.get(name=source)
    after = on_failure(_breaker(state), now, _policy(), failure.retry_after)
    error = {
        "last_error_at": now,
        "last_error_class": type(failure).__name__,
        "last_error": failure.message[:500],
    }
    SourceState.objects.filter(name=source).update(**_fields(after), **error)
    log.warning(
        "source_failed", source=source, endpoint=endpoint, error=type(failure).__name__, why=failure.message
    )
    if isinstance(failure, ReplyRefused):
        refused(source, endpoint, [Refusal("", failure.message)])


def refused(source: str, endpoint: str, refusals: Sequence[Refusal], subject: str = "") -> None:
    """Count what made no sense, and keep the newest of it for staff."""
    if not refusals:
        return
    now = wall_now()
    RefusedReply.objects.bulk_create(
        RefusedReply(
            source=source,
            endpoint=endpoint,
            subject=(subject or refusal.subject)[:128],
            reason=refusal.reason[:300],
            seen_at=now,
        )
        for refusal in refusals[:_MOST_AT_ONCE]
    )
    SourceState.objects.get_or_create(name=source)
    SourceState.objects.filter(name=source).update(refused=F("refused") + len(refusals))
    trim_refusals()


def trim_refusals() -> int:
    beyond = RefusedReply.objects.order_by("-id").values_list("id", flat=True)[
        REFUSALS_KEPT : REFUSALS_KEPT + 1
    ]
    oldest = next(iter(beyond), None)
    return RefusedReply.objects.filter(id__lte=oldest).delete()[0] if oldest else 0


def _policy() -> BreakerPolicy:
    return _LIVE if settings.MARKET.is_live else _SANDBOX


def _breaker(state: SourceState) -> Breaker:
    return Breaker(state.state, state.failures, state.opened_at, state.retry_at)  # type: ignore[arg-type]


def _fields(breaker: Breaker) -> dict[str, object]:
    return {
        "state": breaker.state,
        "failures": breaker.failures,
        "opened_at": breaker.opened_at,
        "retry_at": breaker.retry_at,
    }


def _changed(source: str, before: Breaker, after: Breaker) -> bool:
    """Whether the state was still the old one; of several workers one makes the trial."""
    return SourceState.objects.filter(name=source, **_fields(before)).update(**_fields(after)) == 1
