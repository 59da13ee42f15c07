from decimal import Decimal
from typing import Any

import pytest

from portfolios.exchanges.kraken_names import old_pair, ticker_of
from tests.fakes.exchanges import FakeAccount, FakeExchange, wrong
from tests.portfolios.exchanges.steps import NOON, read


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

    def test_quick_calls_never_share_a_number(
        self, fake: FakeExchange, alice: FakeAccount, khalsi: Any
    ) -> None:
        for _ in range(12):
            khalsi.balances()
        assert fake.strangers == 0
