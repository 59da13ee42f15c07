"""Accounts at exchanges, as tests want them: an exchange that answers from memory, and connections to it.

It stands where a request would leave this process. The real clients are tested against servers in `tests/fakes`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from portfolios.exchanges.base import Call, Credentials
from portfolios.exchanges.errors import WrongKeys
from portfolios.exchanges.profiles import PROFILES
from portfolios.exchanges.records import (
    Balance,
    Deposit,
    Page,
    Refused,
    Rights,
    Side,
    Trade,
    Verdict,
    Window,
    Withdrawal,
)
from portfolios.models import Connection, Portfolio
from portfolios.services.connecting.examining import examine
from portfolios.services.connecting.joining import connect
from tests.make.portfolios import a_portfolio

DAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = Credentials("open-key-0123456789", "deep-secret-0123456789")


def a_trade(number: int = 1, **changes: Any) -> Trade:
    """One SOL bought for a hundred dollars, an hour after the one before."""
    fields: dict[str, Any] = {
        "external_id": f"SOL/USD:{number}",
        "executed_at": DAY + timedelta(hours=number),
        "side": Side.BUY,
        "base": "SOL",
        "quote": "USD",
        "quantity": Decimal(1),
        "quote_quantity": Decimal(100),
        "price": Decimal(100),
    }
    return Trade(**fields | changes)


def a_deposit(number: int = 1, **changes: Any) -> Deposit:
    fields = {
        "external_id": f"in-{number}",
        "executed_at": DAY,
        "asset": "SOL",
        "quantity": Decimal(5),
    }
    return Deposit(**fields | changes)


def a_withdrawal(number: int = 1, **changes: Any) -> Withdrawal:
    fields = {
        "external_id": f"out-{number}",
        "executed_at": DAY + timedelta(days=2),
        "asset": "SOL",
        "quantity": Decimal(2),
        "fee_quantity": Decimal("0.01"),
    }
    return Withdrawal(**fields | changes)


@dataclass
class Exchange:
    """What every account at it says. `fails` is asked before each call: what it returns is raised. `asked` holds the
    windows that trades were asked for."""

    rights: Rights = field(default_factory=lambda: Rights(Verdict.READ_ONLY))
    balances: list[Balance] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    deposits: list[Deposit] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    page_size: int = 100
    fails: Callable[[str], Exception | None] = lambda call: None
    open_from: datetime | None = None
    calls: list[str] = field(default_factory=list)
    asked: list[tuple[Window, frozenset[str]]] = field(default_factory=list)
    good_keys: Credentials = KEYS

    def open(self, name: str, credentials: Credentials, *, before_call: Any, **_: Any) -> "Account":
        return Account(self, name, credentials, before_call)


@dataclass
class Account:
    exchange: Exchange
    name: str
    credentials: Credentials
    before_call: Callable[[Call], None]

    def __post_init__(self) -> None:
        self.profile = PROFILES[self.name]

    def __enter__(self) -> "Account":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None: ...

    def _call(self, name: str) -> None:
        self.before_call(Call(self.name, name, {}))
        self.exchange.calls.append(name)
        failure = self.exchange.fails(name)
        if failure is not None:
            raise failure
        if self.credentials.key != self.exchange.good_keys.key:
            raise WrongKeys("The exchange knows no such key.", exchange=self.name)

    def rights(self) -> Rights:
        self._call("rights")
        return self.exchange.rights

    def balances(self) -> list[Balance]:
        self._call("balances")
        return self.exchange.balances

    def trades(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Trade]:
        self._call("trades")
        self.exchange.asked.append((window, assets))
        return self._page(self.exchange.trades, window, cursor, self.exchange.refused)

    def deposits(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Deposit]:
        self._call("deposits")
        page = self._page(self.exchange.deposits, window, cursor)
        return Page(page.records, page.cursor, page.is_last, open_from=self.exchange.open_from)

    def withdrawals(self, window: Window, *, assets: frozenset[str], cursor: str = "") -> Page[Withdrawal]:
        self._call("withdrawals")
        return self._page(self.exchange.withdrawals, window, cursor)

    def _page(self, rows: list[Any], window: Window, cursor: str, refused: Any = ()) -> Page[Any]:
        start = int(cursor or 0)
        sound = [row for row in rows if window.holds(row.executed_at)]
        end = start + self.exchange.page_size
        is_last = end >= len(sound)
        return Page(sound[start:end], "" if is_last else str(end), is_last, list(refused))


def a_connection(
    owner: User, portfolio: Portfolio | None = None, *, now: datetime = NOW, **changes: Any
) -> Connection:
    """To whatever exchange answers now; by the services, so that its keys are sealed."""
    found = examine(owner_id=owner.id, exchange=changes.pop("exchange", "kraken"), credentials=KEYS)
    return connect(
        owner_id=owner.id,
        portfolio_id=(portfolio or owner.portfolios.first() or a_portfolio(owner)).id,
        name=changes.pop("name", "Savings"),
        credentials=changes.pop("keys", KEYS),
        examined=found,
        confirmed=False,
        now=now,
        dollar_coins=changes.pop("dollar_coins", False),
    )


def a_bare_connection(owner: User, **changes: Any) -> Connection:
    """A row alone, whose keys nobody ever opens."""
    portfolio = owner.portfolios.first() or a_portfolio(owner)
    number = Connection.objects.filter(owner=owner).count()
    fields: dict[str, Any] = {
        "exchange": "kraken",
        "name": f"Account {number}",
        "created_at": NOW,
        "due_at": NOW,
        "keys_since": NOW,
        "rights": "read_only",
        "rights_seen_at": NOW,
        "key_digest": str(number),
    }
    return Connection.objects.create(owner=owner, portfolio=portfolio, **fields | changes)
