"""Accounts at a fake exchange: their keys, rights and history, in plain words that each exchange puts into its own."""

import itertools
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portfolios.exchanges.base import Credentials

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FakeTrade:
    number: int
    at: datetime
    base: str
    quote: str
    is_buy: bool
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str

    @property
    def worth(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True)
class FakeMove:
    """`state` is done, open or failed."""

    number: int
    at: datetime
    asset: str
    quantity: Decimal
    fee: Decimal
    is_in: bool
    state: str = "done"
    undone_at: datetime | None = None
    """When what failed was taken back; at once where it is not told."""


@dataclass
class FakeAccount:
    key: str
    secret: str
    passphrase: str = ""
    public: Any = None
    """What its signatures are verified with, where that is not the secret."""
    may: set[str] = field(default_factory=lambda: {"read"})
    """read, trade, withdraw; and anything new, under its own name."""
    is_revoked: bool = False
    revoked_after: int | None = None
    """So many good signed calls, then the key is gone."""
    balances: dict[str, Decimal] = field(default_factory=dict)
    history: list[FakeTrade] = field(default_factory=list)
    moves: list[FakeMove] = field(default_factory=list)
    last_nonce: int = 0
    good_calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    numbers: Any = field(default_factory=lambda: itertools.count(1), repr=False)
    """Of its trades and moves; no two accounts of an exchange share one."""

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.key, self.secret, self.passphrase)

    def holds(self, asset: str, total: str) -> None:
        """Under the exchange's own name where that matters (`SOL.S`)."""
        self.balances[asset] = Decimal(total)

    def trades(
        self,
        base: str,
        quote: str,
        *,
        at: datetime,
        quantity: str = "1",
        price: str = "100",
        is_buy: bool = True,
        fee: str = "0.1",
        fee_asset: str = "",
    ) -> FakeTrade:
        """Changes no balance: tests say what is held."""
        made = FakeTrade(
            next(self.numbers),
            at,
            base,
            quote,
            is_buy,
            Decimal(quantity),
            Decimal(price),
            Decimal(fee),
            fee_asset or quote,
        )
        self.history.append(made)
        return made

    def deposits(
        self, asset: str, quantity: str, *, at: datetime, state: str = "done", fee: str = "0"
    ) -> FakeMove:
        return self._moves(asset, quantity, at, state, fee, is_in=True)

    def withdraws(
        self, asset: str, quantity: str, *, at: datetime, state: str = "done", fee: str = "0.01"
    ) -> FakeMove:
        return self._moves(asset, quantity, at, state, fee, is_in=False)

    def settles(self, move: FakeMove, state: str = "done", at: datetime | None = None) -> None:
        self.moves[self.moves.index(move)] = replace(move, state=state, undone_at=at)

    def is_known(self) -> bool:
        """Whether its keys still open it; counts the call."""
        with self.lock:
            if self.revoked_after is not None and self.good_calls >= self.revoked_after:
                self.is_revoked = True
            if not self.is_revoked:
                self.good_calls += 1
            return not self.is_revoked

    def _moves(
        self, asset: str, quantity: str, at: datetime, state: str, fee: str, *, is_in: bool
    ) -> FakeMove:
        made = FakeMove(next(self.numbers), at, asset, Decimal(quantity), Decimal(fee), is_in, state)
        self.moves.append(made)
        return made
