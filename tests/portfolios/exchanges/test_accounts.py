from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolios.exchanges.records import Side, Window
from tests.fakes.exchanges import FakeAccount, FakeExchange
from tests.portfolios.exchanges.steps import (
    CALLS,
    DAY,
    HISTORIES,
    HOUR,
    MINUTE,
    NOON,
    WEEK_AROUND,
    ask,
    dollars,
    read,
)


def test_what_is_held_comes_exactly(alice: FakeAccount, khalsi: Any) -> None:
    alice.holds("SOL", "12.123456789")
    alice.holds("BTC", "0.00000001")
    assert {one.asset: one.total for one in khalsi.balances()} == {
        "SOL": Decimal("12.123456789"),
        "BTC": Decimal("0.00000001"),
    }


def test_an_empty_account_is_told_as_empty(khalsi: Any) -> None:
    assert khalsi.balances() == []


def test_a_trade_comes_with_both_sides_and_its_fee(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    quote = dollars(fake)
    alice.trades("SOL", quote, at=NOON, quantity="2.5", price="151.2", is_buy=False, fee="0.378")
    (trade,), refused = read(khalsi, "trades")
    assert (trade.base, trade.quote, trade.side) == ("SOL", quote, Side.SELL)
    assert (trade.quantity, trade.price, trade.quote_quantity) == (
        Decimal("2.5"),
        Decimal("151.2"),
        Decimal("378"),
    )
    assert (trade.fee_asset, trade.fee_quantity) == (quote, Decimal("0.378"))
    assert trade.executed_at == NOON
    assert not refused


def test_a_deposit_and_a_withdrawal_come_with_what_moved(alice: FakeAccount, khalsi: Any) -> None:
    alice.holds("SOL", "1")
    alice.deposits("SOL", "3.25", at=NOON)
    alice.withdraws("SOL", "1.5", at=NOON + HOUR, fee="0.008")
    (deposit,), _ = read(khalsi, "deposits")
    (withdrawal,), _ = read(khalsi, "withdrawals")
    assert (deposit.asset, deposit.quantity, deposit.executed_at) == ("SOL", Decimal("3.25"), NOON)
    assert (withdrawal.quantity, withdrawal.fee_quantity) == (Decimal("1.5"), Decimal("0.008"))


def test_a_history_of_many_pages_comes_whole_and_once(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    for minute in range(fake.most_rows + 30):
        alice.trades("SOL", dollars(fake), at=NOON + minute * MINUTE)
    trades, refused = read(khalsi, "trades")
    assert len(trades) == fake.most_rows + 30 == len({one.external_id for one in trades})
    assert not refused


@pytest.mark.parametrize("kind", ["deposits", "withdrawals"])
def test_moves_of_many_pages_come_whole_and_once(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, kind: str
) -> None:
    alice.holds("SOL", "1")
    for minute in range(fake.most_rows + 30):
        getattr(alice, "deposits" if kind == "deposits" else "withdraws")(
            "SOL", "1", at=NOON + minute * MINUTE
        )
    moves, _ = read(khalsi, kind)
    assert len(moves) == fake.most_rows + 30 == len({one.external_id for one in moves})


@pytest.mark.parametrize("kind", HISTORIES)
def test_a_window_holds_its_beginning_and_not_its_end(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, kind: str
) -> None:
    for at in (NOON - HOUR, NOON, NOON + HOUR, NOON + DAY):
        alice.holds("SOL", "1")
        alice.trades("SOL", dollars(fake), at=at)
        alice.deposits("SOL", "1", at=at)
        alice.withdraws("SOL", "1", at=at)
    records, _ = read(khalsi, kind, Window(NOON, NOON + DAY))
    assert sorted(one.executed_at for one in records) == [NOON, NOON + HOUR]


@pytest.mark.parametrize("kind", ["trades", "deposits"])
def test_nothing_falls_between_windows_that_meet_within_a_millisecond(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, kind: str
) -> None:
    """Windows end at any microsecond; exchanges know whole milliseconds or seconds."""
    alice.trades("SOL", dollars(fake), at=NOON)
    alice.deposits("SOL", "1", at=NOON)
    meet = NOON + timedelta(microseconds=700)
    found = [
        *read(khalsi, kind, Window(NOON - DAY, meet))[0],
        *read(khalsi, kind, Window(meet, NOON + DAY))[0],
    ]
    assert len(found) == 1


@pytest.mark.parametrize("kind", HISTORIES)
def test_neighbouring_windows_tell_everything_once(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, kind: str
) -> None:
    alice.holds("SOL", "1")
    for hour in range(12):
        alice.trades("SOL", dollars(fake), at=NOON + hour * HOUR)
        alice.deposits("SOL", "1", at=NOON + hour * HOUR)
        alice.withdraws("SOL", "1", at=NOON + hour * HOUR)
    first, _ = read(khalsi, kind, Window(NOON, NOON + 6 * HOUR))
    second, _ = read(khalsi, kind, Window(NOON + 6 * HOUR, NOON + 12 * HOUR))
    assert len({one.external_id for one in first + second}) == 12 == len(first) + len(second)


def test_rows_that_come_twice_and_in_any_order_make_no_difference(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    for hour in range(60):
        alice.trades("SOL", dollars(fake), at=NOON + hour * HOUR)
    told, _ = read(khalsi, "trades")
    fake.repeats_rows = fake.shuffles_rows = True
    again, refused = read(khalsi, "trades")
    assert set(again) == set(told)
    assert not refused


def test_fields_of_tomorrow_disturb_nothing(fake: FakeExchange, alice: FakeAccount, khalsi: Any) -> None:
    fake.adds_fields = True
    alice.holds("SOL", "5")
    alice.trades("SOL", dollars(fake), at=NOON)
    alice.deposits("SOL", "1", at=NOON)
    alice.withdraws("SOL", "1", at=NOON)
    assert [one.total for one in khalsi.balances()] == [Decimal(5)]
    assert [len(read(khalsi, kind)[0]) for kind in HISTORIES] == [1, 1, 1]


@pytest.mark.parametrize("kind", ["deposits", "withdrawals"])
def test_what_failed_is_not_told(alice: FakeAccount, khalsi: Any, kind: str) -> None:
    alice.holds("SOL", "1")
    getattr(alice, "deposits" if kind == "deposits" else "withdraws")("SOL", "1", at=NOON, state="failed")
    assert read(khalsi, kind) == ([], [])


@pytest.mark.parametrize("fake", ["binance", "coinbase", "kucoin"], indirect=True)
@pytest.mark.parametrize("kind", ["deposits", "withdrawals"])
def test_what_is_on_its_way_keeps_the_window_open(alice: FakeAccount, opened: Any, kind: str) -> None:
    alice.holds("SOL", "1")
    move = getattr(alice, "deposits" if kind == "deposits" else "withdraws")(
        "SOL", "1", at=NOON, state="open"
    )
    page = ask(opened(alice), kind)
    assert (page.records, page.open_from) == ([], NOON)
    alice.settles(move)
    page = ask(opened(alice), kind)
    assert (len(page.records), page.open_from) == (1, None)


def test_every_call_is_announced_before_it_leaves(
    fake: FakeExchange, alice: FakeAccount, opened: Any
) -> None:
    announced = []
    account = opened(alice, before_call=lambda call: announced.append((len(fake.asked), call)))
    alice.holds("SOL", "1")
    for call in CALLS:
        ask(account, call)
    assert [seen for seen, _ in announced] == list(range(len(fake.asked)))
    names = {limit.name for limit in account.profile.limits}
    assert all(
        call.exchange == fake.name and call.costs and set(call.costs) <= names for _, call in announced
    )


def test_what_the_announcement_raises_stops_the_call(
    fake: FakeExchange, alice: FakeAccount, opened: Any
) -> None:
    class TurnOver(Exception):
        pass

    def stop(call: object) -> None:
        raise TurnOver

    with pytest.raises(TurnOver):
        opened(alice, before_call=stop).balances()
    assert not fake.asked


def test_a_closed_account_cannot_be_asked(fake: FakeExchange, alice: FakeAccount, opened: Any) -> None:
    with opened(alice) as account:
        account.balances()
    with pytest.raises(KeyError):
        account.balances()


def test_another_account_is_another_history(fake: FakeExchange, alice: FakeAccount, opened: Any) -> None:
    bob = fake.opens_account()
    alice.holds("SOL", "1")
    bob.holds("SOL", "7")
    assert [one.total for one in opened(bob).balances()] == [Decimal(7)]
    assert read(opened(bob), "trades", WEEK_AROUND) == ([], [])
