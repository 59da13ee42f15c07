"""Pages of candles, asked for by a few threads at once and handed to the caller's thread, which alone
stores them.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from core.lib.clock import from_seconds
from core.lib.errors import SourceFailure
from markets.models import Token
from markets.providers.base import CandleBundle, CandleSource, NotListed

ASKING_AT_ONCE = 4
GIVE_UP_AFTER = 3
PAGE_ROWS = 1000


@dataclass(frozen=True)
class Page:
    """`rows` candles of one token and interval, the first opening at `first_open` (Unix seconds)."""

    token: Token
    interval: int
    first_open: int
    rows: int

    @property
    def end(self) -> int:
        """When the candle after the last one opens."""
        return self.first_open + self.rows * self.interval


Answer = CandleBundle | SourceFailure
Answered = tuple[Page, Answer]


def ask_for(source: CandleSource, page: Page, now: datetime) -> CandleBundle:
    """The closed candles of one page; rows that lie outside of it are not wanted."""
    since = from_seconds(page.first_open)
    found = source.candles(page.token.binance_symbol, page.interval, since, now, page.rows)
    inside = found.series.between(page.first_open, page.end - 1)
    return CandleBundle(inside, found.refusals, found.rows)


def ask_for_history(source: CandleSource, page: Page, now: datetime) -> CandleBundle:
    """The same, but an empty page is asked for twice: it will be taken to mean that there is nothing
    older.
    """
    found = ask_for(source, page, now)
    return found if found.rows else ask_for(source, page, now)


def answered_pages(
    pages: Iterable[Page],
    ask: Callable[[Page], CandleBundle],
    follow: Callable[[Page], Page | None] | None = None,
) -> Iterator[Answered]:
    """Ask for all pages, a few at once, and yield each with its answer or the failure that it met.

    `follow` may name the page to ask for once the caller has dealt with one; it goes before the others.
    After a few failures in a row nothing more is asked: a source that is away is not to be hammered.
    """
    waiting = iter(pages)
    failures = 0
    with ThreadPoolExecutor(ASKING_AT_ONCE, thread_name_prefix="candles") as pool:
        running = {pool.submit(_tried, ask, page): page for page in islice(waiting, ASKING_AT_ONCE)}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                page, answer = running.pop(future), future.result()
                failures = failures + 1 if _is_failure(answer) else 0
                yield page, answer
                following = follow(page) if follow else None
                _ask_more(pool, running, ask, following, waiting, failures)


def _ask_more(
    pool: ThreadPoolExecutor,
    running: dict["Future[Answer]", Page],
    ask: Callable[[Page], CandleBundle],
    following: Page | None,
    waiting: Iterator[Page],
    failures: int,
) -> None:
    page = following or next(waiting, None)
    if page is not None and failures < GIVE_UP_AFTER:
        running[pool.submit(_tried, ask, page)] = page


def _tried(ask: Callable[[Page], CandleBundle], page: Page) -> Answer:
    try:
        return ask(page)
    except SourceFailure as failure:
        return failure


def _is_failure(answer: Answer) -> bool:
    return isinstance(answer, SourceFailure) and not isinstance(answer, NotListed)
