"""Reading a whole window as a sync would, and the times the tests of exchanges are set in."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portfolios.exchanges.records import Refused, Window
from tests.fakes.exchanges import NAMES, FakeExchange

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK_AROUND = Window(NOON - 2 * DAY, NOON + 5 * DAY)
HISTORIES = ("trades", "deposits", "withdrawals")
MOST_PAGES = 500


def dollars(exchange: FakeExchange) -> str:
    """What tokens are traded against there."""
    return "USD" if exchange.name in ("kraken", "coinbase") else "USDT"


def read(
    account: Any, kind: str, window: Window = WEEK_AROUND, assets: Iterable[str] = ("SOL", "USD", "USDT")
) -> tuple[list[Any], list[Refused]]:
    """All pages of a window."""
    records, refused, cursor = [], [], ""
    for _ in range(MOST_PAGES):
        page = getattr(account, kind)(window, assets=frozenset(assets), cursor=cursor)
        records += page.records
        refused += page.refused
        if page.is_last:
            return records, refused
        assert page.cursor and page.cursor != cursor
        cursor = page.cursor
    raise AssertionError(f"{kind} never ended")


def ask(account: Any, call: str) -> Any:
    """One request of the kind named."""
    if call in HISTORIES:
        return getattr(account, call)(WEEK_AROUND, assets=frozenset({"SOL", "USD", "USDT"}))
    return getattr(account, call)()


CALLS = ("rights", "balances", *HISTORIES)


def in_turn(misbehaviours: Iterable[str]) -> Any:
    """Each at each exchange, with the calls in turn. For what is decided before anybody looks at what was asked: by the
    transport, or by the status alone. Five misbehaviours or more meet each call of each exchange.
    """
    return pytest.mark.parametrize(
        ("fake", "name", "call"),
        [
            (exchange, name, CALLS[(row + column) % len(CALLS)])
            for row, name in enumerate(misbehaviours)
            for column, exchange in enumerate(NAMES)
        ],
        indirect=["fake"],
    )
