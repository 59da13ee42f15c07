import ast
import inspect
from typing import Any

import pytest

from portfolios.exchanges import endpoints
from portfolios.exchanges.account import Account
from portfolios.exchanges.base import Credentials, Exchange
from portfolios.exchanges.registry import PROFILES, open_exchange
from portfolios.exchanges.transport import NotAReadingCall
from tests.fakes.exchanges import FakeAccount, FakeExchange, a_fake
from tests.portfolios.exchanges.steps import CALLS, ask

TRADING = (
    "create_order",
    "cancel_order",
    "edit_order",
    "withdraw",
    "transfer",
    "private_post_order",
    "fetch2",
)


def test_an_account_answers_reading_calls_alone(khalsi: Any) -> None:
    promised = {name for name, _ in inspect.getmembers(Exchange) if not name.startswith("_")}
    offered = {name for name in dir(khalsi) if not name.startswith("_")}
    assert offered - {"profile"} == promised
    assert not [name for name in TRADING if hasattr(khalsi, name) or hasattr(khalsi._calls, name)]


@pytest.mark.parametrize("verb", ["POST", "GET", "DELETE"])
def test_what_is_not_a_reading_request_cannot_leave(
    fake: FakeExchange, alice: FakeAccount, khalsi: Any, verb: str
) -> None:
    """Even where somebody reaches the library's object."""
    ask(khalsi, "balances")
    before = len(fake.asked)
    signer, path = khalsi._calls._signer, {"binance": "order", "kraken": "AddOrder"}.get(fake.name, "orders")
    api = ["v3", "private"] if fake.name == "coinbase" else "private"
    with pytest.raises(NotAReadingCall):
        signer.request(path, api, verb, {"symbol": "SOLUSDT"})
    khalsi._calls._asked, khalsi._calls._was_sent = khalsi._calls._endpoints["rights"], False
    with pytest.raises(NotAReadingCall):
        signer.request(path, api, verb, {"symbol": "SOLUSDT"})
    assert len(fake.asked) == before


def test_a_signed_request_goes_to_its_exchange_alone(khalsi: Any) -> None:
    calls = khalsi._calls
    ask(khalsi, "balances")
    calls._asked, calls._was_sent = calls._endpoints["rights"], False
    with pytest.raises(NotAReadingCall):
        calls._fetch("https://elsewhere.example/api/v3/account")


@pytest.mark.parametrize(
    "one",
    [*endpoints.BINANCE, *endpoints.COINBASE, *endpoints.KRAKEN, *endpoints.KUCOIN],
    ids=lambda one: one.signer,
)
def test_every_request_that_is_named_reads(one: endpoints.Endpoint) -> None:
    """Kraken reads by POST; elsewhere reading is GET."""
    assert one.verb == "GET" or one.path.startswith("/0/private/")
    assert one.costs
    words = one.path.lower()
    assert not [word for word in ("order/", "addorder", "withdrawapply", "transfer") if word in words]


def test_the_environment_names_no_proxy(
    fake: FakeExchange, alice: FakeAccount, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_fake(fake.name) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        for call in CALLS:
            ask(opened(alice), call)
        assert not proxy.asked


def test_the_library_is_imported_at_first_use_alone() -> None:
    for module in (endpoints, inspect.getmodule(Account), inspect.getmodule(open_exchange)):
        assert module is not None
        tree = ast.parse(inspect.getsource(module))
        assert not [
            node for node in ast.walk(tree) if isinstance(node, ast.Import) and node.names[0].name == "ccxt"
        ]


def test_each_exchange_says_what_it_needs_and_what_stays_unknown() -> None:
    for profile in PROFILES.values():
        assert {one.name for one in profile.fields} <= set(Credentials.__dataclass_fields__)
        assert profile.advice and profile.limits and profile.unknowable
        assert any(one.is_secret for one in profile.fields)
