from decimal import Decimal
from typing import Any

import pytest

from portfolios.exchanges.records import Window
from tests.fakes.exchanges import FakeAccount, FakeExchange, wrong
from tests.portfolios.exchanges.steps import DAY, HOUR, NOON, WEEK_AROUND, read

pytestmark = pytest.mark.parametrize("fake", ["binance"], indirect=True)


def asked_pairs(fake: FakeExchange) -> int:
    return fake.paths().count("/api/v3/myTrades")


def test_only_pairs_of_named_tokens_are_looked_through(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    alice.trades("SOL", "USDT", at=NOON)
    alice.trades("ETH", "BTC", at=NOON)
    trades, _ = read(khalsi, "trades", Window(NOON, NOON + DAY), assets=["SOL", "USDT"])
    assert [one.base for one in trades] == ["SOL"]
    assert asked_pairs(fake) == 1


def test_from_the_beginning_usual_quotes_are_looked_through_too(alice: FakeAccount, khalsi: Any) -> None:
    alice.trades("SOL", "USDT", at=NOON)
    alice.trades("SOL", "BTC", at=NOON)
    trades, _ = read(khalsi, "trades", Window(None, NOON + DAY), assets=["SOL"])
    assert {one.quote for one in trades} == {"USDT", "BTC"}


def test_a_long_history_is_read_by_ids_and_not_day_by_day(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    for days in range(0, 900, 30):
        alice.trades("SOL", "USDT", at=NOON - days * DAY)
    alice.trades("SOL", "USDT", at=NOON + 2 * DAY)
    trades, _ = read(khalsi, "trades", Window(None, NOON + DAY), assets=["SOL", "USDT"])
    assert len(trades) == 30
    assert asked_pairs(fake) <= 3


def test_no_pair_means_no_call(fake: FakeExchange, khalsi: Any) -> None:
    assert read(khalsi, "trades", WEEK_AROUND, assets=["NEVERHEARD"]) == ([], [])
    assert asked_pairs(fake) == 0


def test_a_gap_of_days_is_read_in_pieces_of_a_day(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    for hours in range(0, 96, 12):
        alice.trades("SOL", "USDT", at=NOON + hours * HOUR)
    trades, _ = read(khalsi, "trades", Window(NOON, NOON + 4 * DAY), assets=["SOL", "USDT"])
    assert len(trades) == 8
    assert asked_pairs(fake) == 4


def test_a_busy_day_goes_on_by_ids_and_the_next_day_follows(alice: FakeAccount, khalsi: Any) -> None:
    for seconds in range(1100):
        alice.trades("SOL", "USDT", at=NOON + seconds * HOUR / 60)
    alice.trades("SOL", "USDT", at=NOON + 2 * DAY)
    trades, _ = read(khalsi, "trades", Window(NOON, NOON + 3 * DAY), assets=["SOL", "USDT"])
    assert len(trades) == 1101


def test_a_fee_in_a_third_token_is_told_as_that(alice: FakeAccount, khalsi: Any) -> None:
    alice.trades("SOL", "USDT", at=NOON, fee="0.0005", fee_asset="BNB")
    (trade,), _ = read(khalsi, "trades")
    assert (trade.fee_asset, trade.fee_quantity) == ("BNB", Decimal("0.0005"))


def test_what_earns_counts_with_its_token(alice: FakeAccount, khalsi: Any) -> None:
    alice.holds("SOL", "1")
    alice.holds("LDSOL", "2")
    alice.holds("LDO", "4")
    assert {one.asset: one.total for one in khalsi.balances()} == {"SOL": Decimal(3), "LDO": Decimal(4)}


def test_transfers_of_years_are_read_in_spans_that_are_allowed(alice: FakeAccount, khalsi: Any) -> None:
    for days in (10, 100, 400):
        alice.deposits("SOL", "1", at=NOON - days * DAY)
    deposits, _ = read(khalsi, "deposits", Window(NOON - 500 * DAY, NOON))
    assert len(deposits) == 3


def test_a_row_that_makes_no_sense_is_refused_and_the_others_stay(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    alice.trades("SOL", "USDT", at=NOON)
    alice.trades("SOL", "USDT", at=NOON, quantity="3")
    read(khalsi, "trades")
    fake.always_misbehaves(
        wrong.Misbehaviour(spoilt=lambda body: body.replace(b'"qty": "3"', b'"qty": "-3"'))
    )
    trades, refused = read(khalsi, "trades")
    assert (len(trades), [one.reason for one in refused]) == (1, ["qty is below zero"])


def test_pairs_are_asked_for_once_by_a_process_for_a_while(
    fake: FakeExchange, alice: FakeAccount, opened: Any
) -> None:
    for _ in range(3):
        read(opened(alice), "trades", Window(NOON, NOON + HOUR))
    assert fake.paths().count("/api/v3/exchangeInfo") == 1
