"""Portfolio values on the live feed: for those who listen, of what changed, at a steady pace."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from asgiref.sync import sync_to_async
from kombu.exceptions import OperationalError

from accounts.models import User
from core.lib.clock import iso
from core.live import process
from khalsi.routing import websockets
from markets.events import prices_changed
from markets.models import LatestQuote, Token
from portfolios import tasks
from portfolios.events import transactions_changed
from portfolios.feed import push_values
from portfolios.models import Portfolio, Transaction
from tests.make.accounts import a_user, tokens_for
from tests.make.cached import forget_cached
from tests.make.live import Client, in_a_loop
from tests.make.markets import NOON, a_quote, a_token
from tests.make.portfolios import a_holding, a_portfolio

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    forget_cached()
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def sol() -> Token:
    token = a_token("SOL", "solana")
    a_quote(token, 140.5)
    return token


@pytest.fixture
def alice() -> User:
    return a_user()


@pytest.fixture
def portfolio(alice: User, sol: Token) -> Portfolio:
    found = a_portfolio(alice)
    a_holding(found, "solana", 2)
    return found


@asynccontextmanager
async def listening(user: User) -> Any:
    hub = process.hub()
    await hub.start()
    await hub.listening()
    tokens = await sync_to_async(tokens_for)(user)
    async with Client(websockets) as client:
        await client.ask("authenticate", token=tokens.access)
        assert (await client.ask("subscribe", channel="user"))["type"] == "subscribed"
        await hub.report()
        yield client
    await hub.report()
    await hub.stop()


def push() -> int:
    return push_values(now=NOW, wall=NOW)


@in_a_loop
async def test_a_listener_hears_what_his_portfolio_is_worth(alice: User, portfolio: Portfolio) -> None:
    async with listening(alice) as client:
        assert await sync_to_async(push)() == 1
        frame = await client.frame()
        assert (frame["type"], frame["portfolio_id"]) == ("portfolio", str(portfolio.pk))
        assert (frame["value"]["value_usd"], frame["value"]["observed_at"]) == ("281", iso(NOON))
        (held,) = frame["holdings"]
        assert (held["asset"], held["quantity"], held["price_usd"], held["value_usd"]) == (
            "solana",
            "2",
            140.5,
            "281",
        )


@in_a_loop
async def test_a_second_frame_holds_what_changed_alone(alice: User, portfolio: Portfolio, sol: Token) -> None:
    bonk = await sync_to_async(a_token)("BONK", "bonk")
    await sync_to_async(a_quote)(bonk, 1.0)
    await sync_to_async(a_holding)(portfolio, "bonk", 5)
    async with listening(alice) as client:
        await sync_to_async(push)()
        assert len((await client.frame())["holdings"]) == 2
        await sync_to_async(a_quote)(bonk, 2.0, NOON + timedelta(seconds=30))
        await sync_to_async(push)()
        frame = await client.frame()
        assert ([one["symbol"] for one in frame["holdings"]], frame["value"]["value_usd"]) == (
            ["BONK"],
            "291",
        )
        assert await sync_to_async(push)() == 0
        await client.expect_nothing_more()


@in_a_loop
async def test_nobody_hears_of_anothers_portfolio(alice: User, portfolio: Portfolio) -> None:
    bob = await sync_to_async(a_user)("bob")
    async with listening(bob) as client:
        assert await sync_to_async(push)() == 0
        await client.expect_nothing_more()


def test_portfolios_of_those_who_do_not_listen_are_not_even_read(
    portfolio: Portfolio, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert push() == 0


@in_a_loop
async def test_a_price_that_went_stale_is_told(alice: User, portfolio: Portfolio) -> None:
    async with listening(alice) as client:
        await sync_to_async(push)()
        await client.frame()
        later = NOON + timedelta(minutes=11)
        await sync_to_async(push_values)(now=later, wall=NOW)
        frame = await client.frame()
        assert (frame["value"]["stale"], frame["holdings"][0]["freshness"]) == (["solana"], "stale")


def test_many_prices_ask_for_one_valuation(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock()
    monkeypatch.setattr(tasks.push_values, "apply_async", asked)
    for _ in range(5):
        prices_changed.send(sender=LatestQuote, token_ids=[1])
    assert asked.call_count == 1
    assert asked.call_args.kwargs["countdown"] == tasks.PACE_SECONDS


def test_a_transaction_asks_for_one_too(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock()
    monkeypatch.setattr(tasks.push_values, "apply_async", asked)
    transactions_changed.send(sender=Transaction, portfolio_ids=[], owner_id=alice.id)
    assert asked.call_count == 1


def test_a_price_is_stored_although_the_queue_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.push_values, "apply_async", Mock(side_effect=OperationalError("away")))
    prices_changed.send(sender=LatestQuote, token_ids=[1])
