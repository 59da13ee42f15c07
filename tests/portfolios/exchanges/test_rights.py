from typing import Any

import pytest

from portfolios.exchanges.errors import AnswerUnusable, WrongKeys
from portfolios.exchanges.records import Verdict
from tests.fakes.exchanges import FakeAccount, FakeExchange, wrong


def test_keys_that_read_may_read_alone(khalsi: Any) -> None:
    assert (khalsi.rights().verdict, khalsi.rights().more) == (Verdict.READ_ONLY, ())


@pytest.mark.parametrize("right", ["trade", "withdraw", "somethingNew"])
def test_keys_that_do_more_are_known_with_what_they_may(alice: FakeAccount, khalsi: Any, right: str) -> None:
    alice.may.add(right)
    rights = khalsi.rights()
    assert rights.verdict is Verdict.CAN_DO_MORE
    assert len(rights.more) == 1


@pytest.mark.parametrize("fake", ["kraken"], indirect=True)
def test_keys_that_may_not_read_balances_are_told_what_lacks(alice: FakeAccount, khalsi: Any) -> None:
    alice.may = {"query-ledger"}
    assert khalsi.rights().lacking == ("query-funds",)


@pytest.mark.parametrize("fake", ["kraken"], indirect=True)
def test_a_history_that_keys_may_not_read_is_refused_by_name(alice: FakeAccount, khalsi: Any) -> None:
    alice.may = {"query-funds"}
    with pytest.raises(WrongKeys, match="trades"):
        from tests.portfolios.exchanges.steps import ask

        ask(khalsi, "trades")


@pytest.mark.parametrize(
    ("fake", "said"),
    [
        ("coinbase", b'{"can_view": true}'),
        ("kraken", b'{"error": [], "result": {"permissions": []}}'),
        ("kucoin", b'{"code": "200000", "data": {"remark": "x"}}'),
    ],
    indirect=["fake"],
)
def test_where_rights_are_not_told_they_are_unknown(fake: FakeExchange, khalsi: Any, said: bytes) -> None:
    fake.always_misbehaves(wrong.other_shape(said))
    assert khalsi.rights().verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("fake", ["binance", "kraken"], indirect=True)
def test_rights_of_another_shape_are_not_believed(fake: FakeExchange, khalsi: Any) -> None:
    fake.always_misbehaves(wrong.other_shape(b'{"error": [], "result": {"permissions": "query-funds"}}'))
    with pytest.raises(AnswerUnusable):
        khalsi.rights()
