import re
from decimal import Decimal
from typing import Any

import pytest

from portfolios.exchanges.kraken_names import old_pair, ticker_of
from portfolios.exchanges.records import OVERLAP, Deposit, Window, Withdrawal
from tests.fakes.exchanges import FakeAccount, FakeExchange, wrong
from tests.portfolios.exchanges.steps import DAY, HOUR, MINUTE, NOON, read


@pytest.mark.parametrize(
    ("name", "ticker"),
    [
        ("XXBT", "BTC"),
        ("XBT.M", "BTC"),
        ("ZUSD", "USD"),
        ("USD.HOLD", "USD"),
        ("SOL.S", "SOL"),
        ("SOL03.S", "SOL"),
        ("DOT28.S", "DOT"),
        ("ETH2.S", "ETH"),
        ("XXDG", "DOGE"),
        ("XTZ", "XTZ"),
        ("ZETA", "ZETA"),
        ("XCN", "XCN"),
        ("API3", "API3"),
        ("SOL", "SOL"),
    ],
)
def test_krakens_names_become_those_people_use(name: str, ticker: str) -> None:
    assert ticker_of(name) == ticker


@pytest.mark.parametrize(
    ("name", "pair"),
    [("XXBTZUSD", ("BTC", "USD")), ("XETHXXBT", ("ETH", "BTC")), ("SOLUSD", None), ("XABCZUSD", None)],
)
def test_a_pair_of_the_past_is_told_apart_only_without_doubt(name: str, pair: tuple[str, str] | None) -> None:
    assert old_pair(name) == pair


@pytest.mark.parametrize("fake", ["kraken"], indirect=True)
class TestAccount:
    def test_what_is_staked_counts_with_its_token(self, alice: FakeAccount, khalsi: Any) -> None:
        alice.holds("SOL", "1.5")
        alice.holds("SOL.S", "2")
        alice.holds("SOL.F", "0.25")
        (sol,) = khalsi.balances()
        assert (sol.asset, sol.total) == ("SOL", Decimal("3.75"))
        assert sol.parts["SOL.S"] == Decimal(2)

    def test_a_trade_of_old_names_is_of_the_tokens_people_know(self, alice: FakeAccount, khalsi: Any) -> None:
        alice.trades("BTC", "USD", at=NOON)
        alice.trades("BTC", "USDT", at=NOON)
        trades, _ = read(khalsi, "trades")
        assert {(one.base, one.quote) for one in trades} == {("BTC", "USD"), ("BTC", "USDT")}

    def test_a_pair_that_is_listed_no_more_is_refused_where_it_leaves_doubt(
        self, fake: Any, alice: FakeAccount, khalsi: Any
    ) -> None:
        fake.delisted = {("LUNA", "USD"), ("BTC", "USD")}
        alice.trades("LUNA", "USD", at=NOON)
        alice.trades("BTC", "USD", at=NOON)
        trades, refused = read(khalsi, "trades")
        assert ([one.base for one in trades], [one.reason for one in refused]) == (
            ["BTC"],
            ["its pair is not known"],
        )

    def test_positions_on_margin_are_no_tokens(self, fake: Any, alice: FakeAccount, khalsi: Any) -> None:
        alice.trades("SOL", "USD", at=NOON)
        assert len(read(khalsi, "trades")[0]) == 1
        fake.always_misbehaves(
            wrong.Misbehaviour(
                spoilt=lambda body: body.replace(b'"margin": "0.00000"', b'"margin": "1.44053"')
            )
        )
        assert read(khalsi, "trades") == ([], [])

    def test_a_withdrawal_that_is_taken_back_later_comes_in_again(
        self, alice: FakeAccount, khalsi: Any
    ) -> None:
        sent = alice.withdraws("SOL", "2", at=NOON - DAY, fee="0.01")
        before, _ = read(khalsi, "withdrawals", Window(None, NOON))
        alice.settles(sent, "failed", at=NOON + HOUR)
        after, refused = read(khalsi, "withdrawals", Window(NOON - 10 * MINUTE, NOON + DAY))
        assert [(type(one), one.quantity, one.fee_quantity) for one in (*before, *after)] == [
            (Withdrawal, Decimal(2), Decimal("0.01")),
            (Deposit, Decimal("2.01"), Decimal(0)),
        ]
        assert refused == []

    def test_what_was_told_before_it_was_taken_back_is_told_to_its_end(
        self, alice: FakeAccount, khalsi: Any
    ) -> None:
        """The window before told of the withdrawal alone."""
        sent = alice.withdraws("SOL", "2", at=NOON - 5 * MINUTE)
        alice.settles(sent, "failed", at=NOON + MINUTE)
        again, refused = read(khalsi, "withdrawals", Window(NOON - OVERLAP, NOON + DAY))
        assert ([type(one) for one in sorted(again, key=lambda one: one.executed_at)], refused) == (
            [Withdrawal, Deposit],
            [],
        )

    def test_a_deposit_that_is_taken_back_later_goes_out_again(self, alice: FakeAccount, khalsi: Any) -> None:
        came = alice.deposits("SOL", "2", at=NOON - DAY, fee="0.5")
        alice.settles(came, "failed", at=NOON + HOUR)
        (back,), refused = read(khalsi, "deposits", Window(NOON, NOON + DAY))
        assert (type(back), back.quantity, back.fee_quantity, refused) == (Withdrawal, 2, 0, [])

    @pytest.mark.parametrize("odd", [b"[]", b"{}", b'""', b"null"])
    def test_moves_without_a_reference_are_told_each_by_itself(
        self, fake: Any, alice: FakeAccount, khalsi: Any, odd: bytes
    ) -> None:
        alice.deposits("SOL", "1", at=NOON)
        alice.deposits("SOL", "2", at=NOON)
        fake.always_misbehaves(
            wrong.Misbehaviour(spoilt=lambda body: re.sub(rb'"refid": "\w+"', b'"refid": ' + odd, body))
        )
        told, refused = read(khalsi, "deposits")
        assert (sorted(one.quantity for one in told), refused) == ([1, 2], [])

    def test_quick_calls_never_share_a_number(
        self, fake: FakeExchange, alice: FakeAccount, khalsi: Any
    ) -> None:
        for _ in range(12):
            khalsi.balances()
        assert fake.strangers == 0
