"""A canary in every field of the keys: it may stand in no text that anybody could read afterwards."""

import base64
import copy
import logging
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from core.lib.redaction import forms_of, hidden_in_text
from portfolios.exchanges.base import Credentials
from portfolios.exchanges.errors import ExchangeFailure, WrongKeys
from portfolios.exchanges.registry import open_exchange
from portfolios.exchanges.transport import Timeouts
from tests.fakes.exchanges import FakeAccount, FakeExchange, Misbehaviour, wrong
from tests.portfolios.exchanges.steps import CALLS, NOON, ask, dollars, in_turn

ECHO = b'{"code": -1, "error": ["%s"], "msg": "%s", "message": "%s"}'


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """Everything that is logged by anybody, at any level."""
    got: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            got.append(record)

    handler, root = Keep(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield got
    root.setLevel(level)
    root.removeHandler(handler)


def signs(account: FakeAccount) -> set[str]:
    """What must not be seen: the keys in all their forms, and what shows that something was signed."""
    secrets = [account.key, account.secret, account.passphrase, *account.secret.splitlines()[1:-1]]
    return {form for secret in secrets if len(secret) > 8 for form in forms_of(secret)} | {
        "signature=",
        "timestamp=",
        "API-Sign",
        "KC-API-SIGN",
        "Bearer ey",
    }


def everything_of(error: BaseException | None) -> str:
    """All texts of an error, its traceback, its causes and contexts, and what its frames hold but the test's own."""
    texts = []
    while error is not None:
        texts += [str(error), repr(error), repr(error.args), *traceback.format_exception(error)]
        frame = error.__traceback__
        while frame is not None:
            if "/tests/" not in frame.tb_frame.f_code.co_filename:
                texts += [f"{name}={value!r}" for name, value in frame.tb_frame.f_locals.items()]
            frame = frame.tb_next
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


def assert_silent(account: FakeAccount, text: str) -> None:
    assert not [sign for sign in signs(account) if sign in text]


EVIL = {
    "429": wrong.too_many(),
    "418": wrong.banned(),
    "503": wrong.down(),
    "451": wrong.restricted(),
    "page": wrong.html(),
    "cut": wrong.truncated(),
    "silent": wrong.silent(),
    "redirect": wrong.redirect("http://127.0.0.1:9/"),
    "slow": wrong.slow(3),
}


@in_turn(EVIL)
def test_no_failure_shows_keys_or_what_was_signed(
    fake: FakeExchange,
    alice: FakeAccount,
    opened: Any,
    records: list[logging.LogRecord],
    call: str,
    name: str,
) -> None:
    alice.holds("SOL", "1")
    alice.trades("SOL", dollars(fake), at=NOON)
    ask(opened(alice), call)
    khalsi = opened(alice, timeouts=Timeouts(connect=30, read=0.05 if name == "slow" else 30, total=60))
    fake.always_misbehaves(EVIL[name])
    with pytest.raises(ExchangeFailure) as caught:
        ask(khalsi, call)
    assert_silent(alice, everything_of(caught.value))
    assert_silent(
        alice, "\n".join(f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in records)
    )


@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_an_exchange_that_repeats_the_keys_is_not_repeated(
    fake: FakeExchange,
    alice: FakeAccount,
    khalsi: Any,
    records: list[logging.LogRecord],
    status: int,
) -> None:
    secret = (alice.passphrase or alice.key).encode()
    fake.always_misbehaves(Misbehaviour(status, ECHO % (secret, secret, secret)))
    with pytest.raises(ExchangeFailure) as caught:
        khalsi.balances()
    assert_silent(alice, everything_of(caught.value))
    assert_silent(alice, "\n".join(record.getMessage() for record in records))


def test_good_calls_leave_nothing_in_the_log(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, records: list[logging.LogRecord]
) -> None:
    for call in CALLS:
        ask(khalsi, call)
    assert_silent(alice, "\n".join(f"{record.getMessage()} {record.args!r}" for record in records))


def test_keys_that_cannot_sign_are_not_shown(fake: FakeExchange, records: list[logging.LogRecord]) -> None:
    canary = FakeAccount("canary-key-0123456789", "canary-secret-no-key-at-all=", "canary-passphrase")
    khalsi = open_exchange(fake.name, canary.credentials, base_url=fake.url)
    with pytest.raises(ExchangeFailure) as caught:
        khalsi.balances()
    assert isinstance(caught.value, WrongKeys)
    assert_silent(canary, everything_of(caught.value))


@pytest.mark.parametrize("secret", ["", "with\x00nul", "ünïcode-secret", "x" * 5000])
def test_what_cannot_be_keys_is_refused_before_anything_is_sent(fake: FakeExchange, secret: str) -> None:
    with pytest.raises(WrongKeys) as caught:
        open_exchange(fake.name, Credentials("some-key", secret, "some-passphrase"), base_url=fake.url)
    assert not secret or secret not in everything_of(caught.value.with_traceback(None))
    assert not fake.asked


def test_keys_tell_nobody_and_travel_nowhere(alice: FakeAccount, khalsi: Any) -> None:
    keys = alice.credentials
    assert_silent(alice, f"{keys} {keys!r} {khalsi!r} {khalsi._calls!r}")
    for taken_away in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            taken_away(keys)


def test_the_second_net_catches_what_the_library_would_say(alice: FakeAccount) -> None:
    """Texts as ccxt writes them, had one come through."""
    signature = "5d41402abc4b2a76b9719d911017c592ae1b2c3d4e5f60718293a4b5c6d7e8f9"
    passphrase = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
    texts = {
        f"binance GET https://api.binance.com/api/v3/account?timestamp=1&signature={signature}": signature,
        f"GET https://api.binance.com/api/v3/account, Request: {{'X-MBX-APIKEY': '{signature}'}} None": signature,
        f"Request: {{'API-Key': '{passphrase}', 'API-Sign': '{passphrase}{passphrase}'}} nonce=1": passphrase,
        f"{{'KC-API-KEY': '6f5a1b2c3d4e5f6a7b8c9d0e', 'KC-API-PASSPHRASE': '{passphrase}'}}": passphrase,
        "{'KC-API-KEY': '6f5a1b2c3d4e5f6a7b8c9d0e'}": "6f5a1b2c3d4e5f6a7b8c9d0e",
        f"{{'KC-API-SIGN': '{passphrase}'}}": passphrase,
        "{'Authorization': 'Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJvcmcifQ.c2lnbmVk'}": "eyJzdWIiOiJvcmcifQ",
    }
    assert not [text for text, secret in texts.items() if secret in hidden_in_text(text)]
