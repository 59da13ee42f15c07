"""What the four fakes have in common: accounts, a log of what was asked, limits, misbehaviour and the answer's way out.

A subclass says how an account's keys look, verifies signatures (`signed_by`), and answers paths.
"""

import itertools
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.exchanges.people import FakeAccount
from tests.fakes.exchanges.wrong import Misbehaviour


@dataclass(frozen=True)
class Request:
    verb: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    verb: str
    path: str
    key: str
    at: float
    answered: int


class Refusal(Exception):
    """What an exchange says instead of an answer."""

    def __init__(self, status: int, told: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {told}")
        self.answer = Answer(status, told if isinstance(told, bytes) else as_json(told), headers or {})


class Counter:
    """So much may be spent in any `seconds` by one name; says how long to wait where it is too much."""

    def __init__(self, allowance: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.allowance, self.seconds, self._clock = allowance, seconds, clock
        self._spent: dict[str, deque[tuple[float, int]]] = {}
        self._sums: dict[str, int] = {}
        self._lock = threading.Lock()
        self.most: dict[str, int] = {}
        """The most that was spent within the seconds, by name."""

    def allows_hourly(self, allowance: int) -> None:
        self.allowance, self.seconds = allowance, 3600.0

    def spend(self, name: str, cost: int) -> float:
        """0 where it fits, else the seconds to wait."""
        with self._lock:
            now = self._clock()
            spent = self._spent.setdefault(name, deque())
            while spent and spent[0][0] <= now - self.seconds:
                self._sums[name] -= spent.popleft()[1]
            total = self._sums.get(name, 0) + cost
            if total > self.allowance:
                return max(0.001, spent[0][0] + self.seconds - now) if spent else self.seconds
            spent.append((now, cost))
            self._sums[name] = total
            self.most[name] = max(total, self.most.get(name, 0))
            return 0.0


class FakeExchange:
    name = ""
    most_rows = 0
    """The most that a page holds."""

    def __init__(self, *, latency: float = 0.0, seed: int = 1) -> None:
        self.url = ""
        self.latency = latency
        self.clock_ahead = 0.0
        """Seconds by which its clock is ahead of ours."""
        self.repeats_rows = False
        self.shuffles_rows = False
        self.adds_fields = False
        self.accounts: dict[str, FakeAccount] = {}
        self.asked: list[Asked] = []
        self.refused_for_limits = 0
        self.strangers = 0
        """Calls whose signature, time or number was wrong."""
        self._next: list[tuple[str, Misbehaviour]] = []
        self._always: list[tuple[str, Misbehaviour]] = []
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    # What a test or a benchmark says.

    def opens_account(self, **more: Any) -> FakeAccount:
        account = self.new_account(len(self.accounts) + 1, **more)
        account.numbers = self._numbers
        self.accounts[account.key] = account
        return account

    def misbehaves(self, *those: Misbehaviour, on: str = "") -> None:
        """The next answers, one each, to paths that hold `on`."""
        self._next.extend((on, one) for one in those)

    def always_misbehaves(self, how: Misbehaviour, on: str = "") -> None:
        self._always.append((on, how))

    def behaves(self) -> None:
        self._next, self._always = [], []

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def allows_hourly(self, calls: int) -> None:
        """Balances can be asked for so often and no more, however long it takes."""
        raise NotImplementedError

    def stop(self) -> None:
        """From now on nobody listens."""

    # What an exchange says.

    def new_account(self, number: int, **more: Any) -> FakeAccount:
        raise NotImplementedError

    def key_of(self, request: Request) -> str:
        raise NotImplementedError

    def answer_of(self, request: Request) -> Any:
        raise NotImplementedError

    def wrapped(self, told: Any) -> Any:
        return told

    # How an answer comes about.

    def now(self) -> float:
        return time.time() + self.clock_ahead

    def answered(self, request: Request) -> tuple[Answer | None, float]:
        """The answer (None: none at all) and the seconds to wait before it."""
        wrong = self._misbehaviour(request.path)
        if wrong is not None and (wrong.status or wrong.silent):
            answer = Answer(wrong.status, wrong.body, wrong.headers)
        else:
            answer = self._own(request)
            if wrong is not None and wrong.spoilt:
                answer = Answer(answer.status, wrong.spoilt(answer.body), answer.headers)
        self._note(request, 0 if wrong and wrong.silent else answer.status)
        wait = self.latency + (wrong.slow if wrong else 0.0)
        return (None if wrong and wrong.silent else answer), wait

    def _own(self, request: Request) -> Answer:
        try:
            return Answer(200, as_json(self._spoilt(self.wrapped(self.answer_of(request)))))
        except Refusal as refusal:
            return refusal.answer

    def _note(self, request: Request, status: int) -> None:
        with self._lock:
            self.asked.append(Asked(request.verb, request.path, self.key_of(request), time.time(), status))

    def _misbehaviour(self, path: str) -> Misbehaviour | None:
        with self._lock:
            for index, (on, how) in enumerate(self._next):
                if on in path:
                    del self._next[index]
                    return how
            return next((how for on, how in self._always if on in path), None)

    def too_many(self, refusal: Refusal) -> Refusal:
        with self._lock:
            self.refused_for_limits += 1
        return refusal

    def stranger(self, refusal: Refusal) -> Refusal:
        with self._lock:
            self.strangers += 1
        return refusal

    def rows(self, rows: Iterable[Any]) -> list[Any]:
        """As they would be told, or twice and out of order where that was asked for."""
        told = list(rows)
        if self.repeats_rows:
            told += told[: max(1, len(told) // 2)]
        if self.shuffles_rows:
            self._random.shuffle(told)
        return told

    def _spoilt(self, told: Any) -> Any:
        return with_new_fields(told) if self.adds_fields else told


def with_new_fields(told: Any) -> Any:
    """Every object with one more field, as exchanges add them."""
    if isinstance(told, dict):
        inner = {name: with_new_fields(value) for name, value in told.items()}
        is_map = inner and all(isinstance(value, (dict, str)) for value in inner.values()) and len(inner) < 3
        return inner if is_map else {**inner, "fieldOfTomorrow": ""}
    return [with_new_fields(one) for one in told] if isinstance(told, list) else told


def as_json(told: Any) -> bytes:
    return json.dumps(told, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def digits(value: Decimal) -> str:
    return format(value, "f")


def to_milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
