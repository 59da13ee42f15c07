from decimal import Decimal
from typing import Any

import pytest

from portfolios.exchanges.base import Credentials
from portfolios.exchanges.registry import open_exchange
from tests.fakes.exchanges import FakeAccount, FakeExchange, wrong
from tests.portfolios.exchanges.steps import CALLS, HOUR, NOON, ask, read

pytestmark = pytest.mark.parametrize("fake", ["coinbase"], indirect=True)


@pytest.mark.parametrize("call", CALLS)
def test_keys_of_both_kinds_sign(fake: FakeExchange, opened: Any, call: str) -> None:
    for is_ed25519 in (False, True):
        account = fake.opens_account(is_ed25519=is_ed25519)
        account.holds("SOL", "1")
        ask(opened(account), call)
    assert fake.strangers == 0


@pytest.mark.parametrize("written", ["\\n", "\r\n", "\n"])
def test_a_private_key_may_be_copied_in_any_way(fake: FakeExchange, alice: FakeAccount, written: str) -> None:
    alice.holds("SOL", "1")
    copied = Credentials(f" {alice.key}\n", "  " + alice.secret.replace("\n", written))
    assert open_exchange("coinbase", copied, base_url=fake.url).balances()


def test_a_size_in_dollars_becomes_a_quantity(fake: FakeExchange, alice: FakeAccount, khalsi: Any) -> None:
    alice.trades("SOL", "USD", at=NOON, quantity="100", price="160")
    fake.always_misbehaves(
        wrong.Misbehaviour(
            spoilt=lambda body: body.replace(b'"size_in_quote": false', b'"size_in_quote": true')
        )
    )
    (trade,), _ = read(khalsi, "trades")
    assert (trade.quantity, trade.quote_quantity) == (Decimal("0.625"), Decimal(100))


def test_futures_hold_no_token_and_corrections_are_refused(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    alice.trades("BIT-28NOV26", "CDE", at=NOON)
    alice.trades("SOL", "USD", at=NOON)
    assert len(read(khalsi, "trades")[0]) == 1
    fake.always_misbehaves(wrong.Misbehaviour(spoilt=lambda body: body.replace(b'"FILL"', b'"REVERSAL"')))
    trades, refused = read(khalsi, "trades")
    assert (trades, [one.reason for one in refused]) == ([], ["it reverses or corrects another"])


def test_only_wallets_of_named_tokens_are_looked_through(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    for asset in ("SOL", "BTC", "ETH"):
        alice.deposits(asset, "1", at=NOON)
    deposits, _ = read(khalsi, "deposits", assets=["BTC"])
    assert [one.asset for one in deposits] == ["BTC"]
    assert len([path for path in fake.paths() if path.startswith("/v2/")]) == 1


def test_the_wallets_of_more_than_one_page_are_all_told(alice: FakeAccount, khalsi: Any) -> None:
    for number in range(130):
        alice.holds(f"T{number}", "1")
    assert len(khalsi.balances()) == 130


def test_a_withdrawal_includes_its_fee_and_tells_it_apart(alice: FakeAccount, khalsi: Any) -> None:
    alice.withdraws("SOL", "2", at=NOON + HOUR, fee="0.5")
    (withdrawal,), _ = read(khalsi, "withdrawals")
    assert (withdrawal.quantity, withdrawal.fee_quantity) == (Decimal(2), Decimal("0.5"))


def test_rows_of_both_directions_are_asked_for_once(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any
) -> None:
    alice.deposits("SOL", "2", at=NOON)
    alice.withdraws("SOL", "1", at=NOON)
    assert (len(read(khalsi, "deposits")[0]), len(read(khalsi, "withdrawals")[0])) == (1, 1)
    assert len([path for path in fake.paths() if path.startswith("/v2/")]) == 1
