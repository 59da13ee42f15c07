from decimal import Decimal
from typing import Any

import pytest

from portfolios.exchanges.records import Window
from tests.fakes.exchanges import FakeAccount, FakeExchange
from tests.portfolios.exchanges.steps import DAY, NOON, read

pytestmark = pytest.mark.parametrize("fake", ["kucoin"], indirect=True)


def test_fills_are_asked_for_week_by_week(fake: FakeExchange, alice: FakeAccount, khalsi: Any) -> None:
    for days in range(30):
        alice.trades("SOL", "USDT", at=NOON + days * DAY)
    trades, _ = read(khalsi, "trades", Window(NOON, NOON + 30 * DAY))
    assert len(trades) == 30
    assert fake.paths().count("/api/v1/fills") == 5


def test_amounts_that_come_as_numbers_stay_exact(alice: FakeAccount, khalsi: Any) -> None:
    alice.deposits("SOL", "0.1", at=NOON)
    alice.deposits("SOL", "123456789.12345678", at=NOON)
    deposits, _ = read(khalsi, "deposits")
    assert {one.quantity for one in deposits} == {Decimal("0.1"), Decimal("123456789.12345678")}


def test_all_accounts_of_a_token_are_one_balance(alice: FakeAccount, khalsi: Any) -> None:
    alice.holds("SOL", "4")
    (sol,) = khalsi.balances()
    assert (sol.total, set(sol.parts)) == (Decimal(4), {"main", "trade"})


def test_nothing_of_the_librarys_maker_is_sent_along(fake: Any, alice: FakeAccount, khalsi: Any) -> None:
    headers: list[str] = []
    heard = fake.answered
    fake.answered = lambda request: (headers.extend(request.headers), heard(request))[1]
    khalsi.balances()
    assert not [name for name in headers if "partner" in name]
