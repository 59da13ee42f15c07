"""What an exchange must answer, and what it needs to be asked. No tables, no clock of its own, nothing that trades.

    with open_exchange("kraken", credentials, before_call=wait_for_turn) as exchange:
        exchange.rights()
        exchange.balances()
        page = exchange.trades(Window(since, until), assets=frozenset({"SOL", "USD"}))

Each call of a `Page` is one request, or few; `before_call` is told of every request before it leaves and may wait or
raise `LimitReached`. Calls raise `errors.ExchangeFailure` and nothing else that an exchange can cause.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn, Protocol

from portfolios.exchanges.records import Balance, Deposit, Move, Page, Rights, Trade, Window, Withdrawal


@dataclass(frozen=True, repr=False, slots=True)
class Credentials:
    """A user's keys while they are used. They show themselves to nobody and cannot be pickled into a queue."""

    key: str
    secret: str
    passphrase: str = ""

    def __repr__(self) -> str:
        return "Credentials([hidden])"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("Credentials stay in the process that opened them.")


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One field of the form in which a user gives keys; `name` is that of `Credentials`."""

    name: str
    label: str
    help: str
    is_secret: bool = True
    is_long: bool = False
    """Several lines, as a private key in PEM."""


class Per(StrEnum):
    ADDRESS = "address"
    """Counted over all keys that are used from here."""
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Limit:
    """`allowance` may be spent in any `seconds`."""

    name: str
    per: Per
    allowance: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request about to leave, and what it spends of which limit."""

    exchange: str
    name: str
    costs: Mapping[str, int]


BeforeCall = Callable[[Call], None]


@dataclass(frozen=True, slots=True)
class Profile:
    """What there is to know of an exchange before any key is given."""

    name: str
    title: str
    fields: tuple[CredentialField, ...]
    limits: tuple[Limit, ...]
    advice: str
    """How to make keys that can only read."""
    asks_by_asset: frozenset[str] = field(default_factory=frozenset)
    """Of `trades`, `deposits`, `withdrawals` those that are asked token by token: only `assets` are looked through,
    and each costs calls. Others give everything and ignore `assets`."""
    unknowable: tuple[str, ...] = ()
    """What its history cannot show, as sentences for the user: why a book may stay incomplete."""


class Exchange(Protocol):
    """One account. Not for several threads at once."""

    profile: Profile

    def rights(self) -> Rights: ...

    def balances(self) -> list[Balance]: ...

    def trades(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Trade]: ...

    def deposits(
        self, window: Window, *, assets: frozenset[str], cursor: str = ""
    ) -> Page[Deposit] | Page[Move]:
        """A deposit that was taken back later is told as what it moved then: a withdrawal. So is the reverse below."""

    def withdrawals(
        self, window: Window, *, assets: frozenset[str], cursor: str = ""
    ) -> Page[Withdrawal] | Page[Move]: ...

    def close(self) -> None: ...
