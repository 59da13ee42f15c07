"""What a back-fill has to fetch from the exchange, page by page, and how far it has come."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from core.lib.clock import floor_to
from markets.candles.intervals import interval_name
from markets.models import Token
from markets.selectors.coverage import Edge, oldest_candles
from markets.services.candle_pages import PAGE_ROWS, Page

Spans = dict[int, int]
"""By interval, how many seconds of history are wanted."""
Progress = Callable[[int, int, str], None]


class Work:
    """Each series is fetched from its oldest stored candle (or from now) backwards, down to its span.

    What is stored is the memory of it: an interruption leaves no hole, and the next run goes on where this
    ended.
    """

    def __init__(
        self, tokens: Sequence[Token], spans: Spans, now: datetime, progress: Progress | None, seconds: float
    ) -> None:
        self.tokens, self.spans, self.now = list(tokens), spans, now
        self._progress = progress
        self._deadline = time.monotonic() + seconds
        self._ended: set[tuple[int, int]] = set()
        self._stopped: set[tuple[int, int]] = set()
        ids = [token.pk for token in self.tokens]
        self.edges = {interval: oldest_candles(ids, interval) for interval in spans}
        self.is_postponed = False
        self.done = 0
        self.total = sum(self._pages_left(token, interval) for token in self.tokens for interval in spans)

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._deadline

    def first_pages(self) -> Iterator[Page]:
        for token in self.tokens:
            for interval in self.spans:
                page = None if self.is_late else self.page_before(token, interval)
                if page is not None:
                    yield page

    def page_before(self, token: Token, interval: int) -> Page | None:
        """The page before the oldest candle; None where that is as old as wanted, or its source has no
        older one.
        """
        end, target = self._end(token, interval), self._target(interval)
        if end <= target or (token.pk, interval) in self._ended | self._stopped:
            return None
        first = max(target, end - PAGE_ROWS * interval)
        return Page(token, interval, first, (end - first) // interval)

    def follow(self, page: Page) -> Page | None:
        """The next older page of the same series, if there is time for it."""
        return None if self.is_late else self.page_before(page.token, page.interval)

    def stored(self, page: Page, edge: Edge) -> None:
        """A page is stored; `edge` is its first candle."""
        self.edges[page.interval][page.token.pk] = edge
        self.advance(1, _named(page))

    def ended(self, page: Page) -> None:
        """The source has nothing older. Of a series that never began this says nothing: it is asked again
        later.
        """
        began = page.token.pk in self.edges[page.interval]
        self._leave(page, self._ended if began else self._stopped)

    def stopped(self, page: Page) -> None:
        """This page could not be had or used; the series waits for the next run, so that no hole is left."""
        self._leave(page, self._stopped)

    def _leave(self, page: Page, those: set[tuple[int, int]]) -> None:
        left = self._pages_left(page.token, page.interval)
        those.add((page.token.pk, page.interval))
        self.advance(left, _named(page))

    def advance(self, pages: int, text: str) -> None:
        self.done += pages
        self.total = max(self.total, self.done)
        if self._progress:
            self._progress(self.done, self.total, text)

    def has_all(self, token: Token, spans: Spans) -> bool:
        """Whether this token's series reach as far as `spans`, or as their source does."""
        return all(
            (token.pk, interval) in self._ended
            or self._end(token, interval) <= self.now.timestamp() - span + interval
            for interval, span in spans.items()
        )

    def _pages_left(self, token: Token, interval: int) -> int:
        if (token.pk, interval) in self._ended:
            return 0
        return math.ceil(max(self._end(token, interval) - self._target(interval), 0) / (PAGE_ROWS * interval))

    def _target(self, interval: int) -> int:
        return int(floor_to(self.now, interval).timestamp()) - self.spans[interval]

    def _end(self, token: Token, interval: int) -> int:
        edge = self.edges[interval].get(token.pk)
        return edge.opens if edge else int(floor_to(self.now, interval).timestamp())


def _named(page: Page) -> str:
    return f"{page.token.symbol} {interval_name(page.interval)}"
