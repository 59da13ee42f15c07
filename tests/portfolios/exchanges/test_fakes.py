"""The fakes are strict on their own: what is not signed as each exchange wants it gets nothing."""

import time
from typing import Any

import pytest
import requests

from tests.fakes.exchanges import FakeAccount, FakeExchange
from tests.fakes.exchanges.exchange import Request
from tests.portfolios.exchanges.steps import CALLS, ask


@pytest.fixture
def heard(fake: Any) -> list[Request]:
    requests_heard: list[Request] = []
    own = fake.answered

    def answered(request: Request) -> Any:
        requests_heard.append(request)
        return own(request)

    fake.answered = answered
    return requests_heard


def sent_again(fake: FakeExchange, request: Request, **changed: Any) -> bytes:
    """What is said to a request that was heard before, or to one that somebody changed."""
    headers = {
        name: value for name, value in request.headers.items() if name not in ("host", "content-length")
    }
    target, body = changed.get("target", request.target), changed.get("body", request.body)
    got = requests.request(
        request.verb,
        fake.url + target,
        headers={**headers, **changed.get("headers", {})},
        data=body,
        timeout=10,
    )
    return got.content


@pytest.mark.parametrize("call", ["rights", "balances"])
def test_a_good_signature_passes(fake: FakeExchange, alice: FakeAccount, khalsi: Any, call: str) -> None:
    ask(khalsi, call)
    assert fake.strangers == 0


def test_a_request_that_somebody_changed_is_refused(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, heard: list[Request]
) -> None:
    khalsi.trades(*_window(), assets=frozenset({"SOL", "USDT"}))
    signed = heard[-1]
    if fake.name == "kraken":
        sent_again(fake, signed, body=signed.body + b"&ofs=7")
    elif fake.name == "coinbase":
        sent_again(fake, signed, target="/api/v3/brokerage/accounts")
    else:
        sent_again(fake, signed, target=signed.target.replace("?", "?page=9&", 1))
    assert fake.strangers == 1


@pytest.mark.parametrize("fake", ["kraken"], indirect=True)
def test_a_number_that_was_used_is_refused(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, heard: list[Request]
) -> None:
    khalsi.balances()
    assert b"EAPI:Invalid nonce" in sent_again(fake, heard[-1])


@pytest.mark.parametrize("fake", ["binance", "coinbase", "kucoin"], indirect=True)
def test_a_request_of_before_is_refused(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, heard: list[Request]
) -> None:
    khalsi.balances()
    fake.clock_ahead = 300
    sent_again(fake, heard[-1])
    assert fake.strangers == 1


@pytest.mark.parametrize("fake", ["kucoin"], indirect=True)
def test_a_passphrase_must_be_signed(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, heard: list[Request]
) -> None:
    khalsi.balances()
    assert b"400004" in sent_again(fake, heard[-1], headers={"kc-api-passphrase": alice.passphrase})


def test_keys_of_one_do_not_sign_for_another(fake: FakeExchange, alice: FakeAccount, opened: Any) -> None:
    bob = fake.opens_account()
    alice.secret, bob.secret = bob.secret, alice.secret
    thief = opened(alice)
    alice.secret, bob.secret = bob.secret, alice.secret
    with pytest.raises(Exception, match="keys"):
        thief.balances()
    assert fake.strangers == 1


def test_a_fake_answers_as_late_as_it_was_told(fake: FakeExchange, alice: FakeAccount, khalsi: Any) -> None:
    khalsi.balances()
    fake.latency = 0.1
    began = time.monotonic()
    khalsi.balances()
    assert time.monotonic() - began >= 0.1


def test_what_was_asked_is_remembered_by_key(fake: FakeExchange, alice: FakeAccount, khalsi: Any) -> None:
    for call in CALLS:
        ask(khalsi, call)
    assert {one.key for one in fake.asked if one.key} == {alice.key}


def _window() -> tuple[Any]:
    from tests.portfolios.exchanges.steps import WEEK_AROUND

    return (WEEK_AROUND,)
