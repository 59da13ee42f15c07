from typing import Any

import pytest

from portfolios.exchanges.errors import (
    AnswerUnusable,
    ExchangeAway,
    ExchangeFailure,
    LimitReached,
    Restricted,
    WrongKeys,
)
from portfolios.exchanges.transport import Timeouts
from tests.fakes.exchanges import FakeAccount, FakeExchange, Misbehaviour, a_fake, wrong
from tests.portfolios.exchanges.steps import CALLS, HISTORIES, NOON, ask, dollars, in_turn

EACH_CALL = pytest.mark.parametrize("call", CALLS)
FAILED: dict[str, tuple[Misbehaviour, type[ExchangeFailure], bool, float | None]] = {
    "503": (wrong.down(503), ExchangeAway, False, None),
    "500": (wrong.down(500), ExchangeAway, False, None),
    "520": (wrong.down(520), ExchangeAway, False, None),
    "page of a guard": (wrong.html(403), ExchangeAway, False, None),
    "silent": (wrong.silent(), ExchangeAway, False, None),
    "page instead of data": (wrong.html(200), AnswerUnusable, False, None),
    "cut off": (wrong.truncated(), AnswerUnusable, False, None),
    "nothing": (wrong.other_shape(b""), AnswerUnusable, False, None),
    "limit": (wrong.too_many(retry_after=7), LimitReached, False, 7),
    "ban": (wrong.banned(retry_after=1234), LimitReached, False, 1234),
    "not served here": (wrong.restricted(), Restricted, True, None),
}
"""What the transport or the status alone tells: how, as what, whether for good, and when to come again."""
MISSHAPEN = {
    "another shape": b'{"hello": "world"}',
    "a word": b'"ok"',
    "null": b"null",
    "NaN": b'{"balances": NaN}',
}
"""JSON that each call of each exchange must find out for itself."""


@pytest.fixture
def told(fake: FakeExchange, alice: FakeAccount) -> FakeAccount:
    """Alice has something to tell in every call."""
    alice.holds("SOL", "5")
    alice.trades("SOL", dollars(fake), at=NOON)
    alice.deposits("SOL", "1", at=NOON)
    alice.withdraws("SOL", "1", at=NOON)
    return alice


def failure_of(khalsi: Any, call: str) -> ExchangeFailure:
    with pytest.raises(ExchangeFailure) as caught:
        ask(khalsi, call)
    return caught.value


@in_turn(FAILED)
def test_a_failure_is_told_as_what_it_is_and_recovered_from(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, call: str, name: str
) -> None:
    how, kind, is_permanent, wait = FAILED[name]
    fake.always_misbehaves(how)
    failure = failure_of(khalsi, call)
    assert (type(failure), failure.permanent, failure.exchange) == (kind, is_permanent, fake.name)
    assert wait is None or failure.retry_after == wait
    fake.behaves()
    assert ask(khalsi, call)


@EACH_CALL
@pytest.mark.parametrize("name", MISSHAPEN)
def test_json_of_another_shape_is_told_as_passing_and_recovered_from(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, call: str, name: str
) -> None:
    fake.always_misbehaves(wrong.other_shape(MISSHAPEN[name]))
    failure = failure_of(khalsi, call)
    assert (type(failure), failure.permanent, failure.exchange) == (AnswerUnusable, False, fake.name)
    fake.behaves()
    assert ask(khalsi, call)


@pytest.mark.parametrize("fake", ["binance"], indirect=True)
@pytest.mark.parametrize("kind", HISTORIES)
def test_a_list_of_other_things_is_refused_row_by_row(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, kind: str
) -> None:
    ask(khalsi, "trades")  # the pairs are known
    fake.always_misbehaves(wrong.other_shape(b'[{"hello": "world"}, 3]'))
    page = ask(khalsi, kind)
    assert (page.records, len(page.refused)) == ([], 2)


@in_turn(["slow"])
def test_a_slow_exchange_is_left_alone(
    fake: FakeExchange, told: FakeAccount, opened: Any, call: str, name: str
) -> None:
    hurried = opened(told, timeouts=Timeouts(connect=30, read=0.05, total=60))
    ask(opened(told), call)  # what is asked once a day is known
    fake.always_misbehaves(wrong.slow(3))
    assert type(failure_of(hurried, call)) is ExchangeAway


def test_an_exchange_that_drips_is_cut_off(fake: FakeExchange, told: FakeAccount, opened: Any) -> None:
    ask(opened(told), "balances")
    fake.always_misbehaves(wrong.slow(3))
    assert (
        type(failure_of(opened(told, timeouts=Timeouts(connect=30, read=30, total=0.05)), "balances"))
        is ExchangeAway
    )


def test_an_exchange_that_is_not_there_is_away(fake: FakeExchange, told: FakeAccount, opened: Any) -> None:
    khalsi = opened(told)
    fake.stop()
    assert type(failure_of(khalsi, "balances")) is ExchangeAway


@in_turn(["to a path", "to its root"])
def test_a_redirect_is_not_followed(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, call: str, name: str
) -> None:
    with a_fake(fake.name) as elsewhere:
        path = {"to a path": "/caught", "to its root": ""}[name]
        fake.always_misbehaves(wrong.redirect(elsewhere.url + path))
        assert type(failure_of(khalsi, call)) is ExchangeAway
        assert not elsewhere.asked


@EACH_CALL
def test_keys_revoked_from_the_start_are_wrong(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, call: str
) -> None:
    told.is_revoked = True
    failure = failure_of(khalsi, call)
    assert (type(failure), failure.permanent) == (WrongKeys, True)


@EACH_CALL
def test_keys_revoked_after_they_worked_are_wrong_too(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, call: str
) -> None:
    ask(khalsi, "balances")
    told.is_revoked = True
    assert type(failure_of(khalsi, call)) is WrongKeys


@pytest.mark.parametrize("fake", ["binance"], indirect=True)
def test_a_refusal_that_passes_costs_nobody_a_connection(
    fake: FakeExchange, told: FakeAccount, khalsi: Any
) -> None:
    ask(khalsi, "balances")
    fake.misbehaves(
        Misbehaviour(401, b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}')
    )
    assert ask(khalsi, "balances")


def test_a_wrong_secret_is_wrong(fake: FakeExchange, told: FakeAccount, opened: Any) -> None:
    told.secret, told.public = fake.new_account(99).secret, told.public
    khalsi = opened(told)
    told.secret = "something else entirely" if fake.name != "kraken" else "AAAA"
    assert type(failure_of(khalsi, "balances")) is WrongKeys


@pytest.mark.parametrize("fake", ["binance", "kucoin"], indirect=True)
def test_clocks_that_differ_are_set_by_the_exchange(
    fake: FakeExchange, told: FakeAccount, khalsi: Any
) -> None:
    fake.clock_ahead = 90
    assert ask(khalsi, "balances")
    fake.clock_ahead = -90
    assert ask(khalsi, "balances")


@pytest.mark.parametrize("fake", ["coinbase"], indirect=True)
def test_clocks_that_differ_do_not_make_keys_wrong(
    fake: FakeExchange, told: FakeAccount, khalsi: Any
) -> None:
    fake.clock_ahead = 3600
    failure = failure_of(khalsi, "balances")
    assert type(failure) is ExchangeAway
    assert "clock" in failure.message


@pytest.mark.parametrize("fake", ["kraken"], indirect=True)
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("EAPI:Invalid key", WrongKeys),
        ("EAPI:Invalid signature", WrongKeys),
        ("EGeneral:Permission denied", WrongKeys),
        ("EAPI:Rate limit exceeded", LimitReached),
        ("EGeneral:Too many requests", LimitReached),
        ("EGeneral:Temporary lockout", LimitReached),
        ("EAPI:Invalid nonce", ExchangeAway),
        ("EService:Busy", ExchangeAway),
        ("EService:Unavailable", ExchangeAway),
        ("EGeneral:Internal error", ExchangeAway),
        ("EService:Deadline elapsed: timeout", ExchangeAway),
        ("EQuery:Of tomorrow", AnswerUnusable),
    ],
)
def test_what_kraken_says_with_status_200_is_understood(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, said: str, kind: type[ExchangeFailure]
) -> None:
    fake.always_misbehaves(wrong.other_shape(f'{{"error":["{said}"]}}'.encode()))
    assert type(failure_of(khalsi, "balances")) is kind


@pytest.mark.parametrize("fake", ["kucoin"], indirect=True)
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("400003", WrongKeys),
        ("400004", WrongKeys),
        ("400005", WrongKeys),
        ("400006", WrongKeys),
        ("400007", WrongKeys),
        ("411100", WrongKeys),
        ("429000", LimitReached),
        ("500000", ExchangeAway),
        ("999999", AnswerUnusable),
    ],
)
def test_what_kucoin_says_by_code_is_understood(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, code: str, kind: type[ExchangeFailure]
) -> None:
    fake.always_misbehaves(wrong.other_shape(f'{{"code":"{code}","msg":"no"}}'.encode()))
    assert type(failure_of(khalsi, "balances")) is kind


@pytest.mark.parametrize("fake", ["coinbase"], indirect=True)
@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (401, "unauthorized", WrongKeys),
        (403, "PERMISSION_DENIED", WrongKeys),
        (429, "rate_limit_exceeded", LimitReached),
        (500, "internal_server_error", ExchangeAway),
        (400, "INVALID_ARGUMENT", AnswerUnusable),
    ],
)
def test_what_coinbase_says_by_status_is_understood(
    fake: FakeExchange, told: FakeAccount, khalsi: Any, status: int, said: str, kind: type[ExchangeFailure]
) -> None:
    fake.always_misbehaves(Misbehaviour(status, f'{{"error":"{said}","message":"no"}}'.encode()))
    assert type(failure_of(khalsi, "balances")) is kind


def test_the_limits_that_an_exchange_counts_are_felt(
    fake: FakeExchange, told: FakeAccount, khalsi: Any
) -> None:
    fake.allows_hourly(3)
    for _ in range(3):
        ask(khalsi, "balances")
    assert type(failure_of(khalsi, "balances")) is LimitReached
    assert fake.refused_for_limits == 1
