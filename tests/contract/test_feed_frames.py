"""The frames of the live feed, held against `docs/api.md`, from the stored row to the socket."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import sync_to_async

from core.lib.clock import iso, wall_now
from core.live import process
from khalsi.routing import websockets
from markets import receivers
from markets.feed import push_prices
from markets.models import Token
from portfolios.api.value_serializers import HoldingOutput, PortfolioTotalsOutput
from portfolios.feed import push_values
from predictions.feed import push_forecasts
from predictions.selectors.shown import forecast_shown
from tests.make.accounts import a_user, tokens_for
from tests.make.live import Client, in_a_loop
from tests.make.markets import NOON, a_quote, a_token
from tests.make.portfolios import a_holding, a_portfolio
from tests.make.predictions import a_forecast

pytestmark = pytest.mark.django_db
PORTFOLIO_FIELDS = {
    "type", "portfolio_id", "revision", "is_current", "valued_at", "value", "holdings_count", "holdings"
}  # fmt: skip
PRICE_FIELDS = {"symbol", "price", "change_24h", "volume_24h", "observed_at", "source", "freshness", "seq"}


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(minutes=1), tick=True):
        yield


@pytest.fixture
def sol() -> Token:
    token = a_token("SOL", rank=5)
    a_quote(token, 140.5, change_24h=-2.5, volume_24h=1e9)
    return token


@asynccontextmanager
async def connected(path: str = "/ws/v1/", **options: Any) -> Any:
    hub = process.hub()
    await hub.start()
    await hub.listening()
    async with Client(websockets, path, **options) as client:
        yield client
    await hub.stop()


@in_a_loop
async def test_prices_come_as_a_snapshot_and_then_as_they_are_stored(sol: Token) -> None:
    async with connected() as client:
        answer = await client.ask("subscribe", channel="prices", symbols=["SOL"])
        assert answer == {"type": "subscribed", "channel": "prices", "symbols": ["SOL"]}
        snapshot = await client.frame()
        assert snapshot["type"] == "prices"
        [item] = snapshot["items"]
        assert item.keys() >= PRICE_FIELDS
        assert (item["price"], item["change_24h"], item["freshness"]) == (140.5, -2.5, "live")
        assert (item["observed_at"], item["source"]) == (iso(NOON), "simulated")

        await sync_to_async(a_quote)(sol, 141.0, NOON + timedelta(seconds=30))
        await sync_to_async(push_prices)([sol.pk])
        [newer] = (await client.frame())["items"]
        assert newer.keys() == item.keys()
        assert (newer["price"], newer["seq"]) == (141.0, item["seq"] + 1)


@in_a_loop
async def test_a_snapshot_says_that_a_price_has_become_stale(sol: Token) -> None:
    await sync_to_async(push_prices)([sol.pk])
    with time_machine.travel(NOON + timedelta(minutes=11)):
        async with connected() as client:
            assert (await client.subscribe(["SOL"]))["items"][0]["freshness"] == "stale"


@in_a_loop
async def test_a_shared_ticker_means_the_token_of_best_rank(sol: Token) -> None:
    async with connected() as client:
        await client.subscribe("*")
        other = await sync_to_async(a_token)("SOL", rank=900)
        await sync_to_async(a_quote)(other, 0.01)
        await sync_to_async(push_prices)([other.pk])
        await client.expect_nothing_more()
        assert [item["price"] for item in (await client.subscribe(["SOL"]))["items"]] == [140.5]


@in_a_loop
async def test_a_prediction_is_the_forecast_as_the_api_shows_it(sol: Token) -> None:
    first = await sync_to_async(a_forecast)(sol, "1h", NOON - timedelta(minutes=15))
    async with connected() as client:
        answer = await client.ask("subscribe", channel="predictions", timeframe="1h", symbols=["SOL"])
        wanted = {"channel": "predictions", "timeframe": "1h", "symbols": ["SOL"]}
        assert answer == {"type": "subscribed", **wanted}
        snapshot = await client.frame()
        assert snapshot["id"] == first.pk

        newest = await sync_to_async(a_forecast)(sol, "1h", NOON)
        await sync_to_async(push_forecasts)("1h", [newest.pk])
        frame = await client.frame()
        assert frame.pop("type") == "prediction"
        assert frame.pop("seq") == snapshot["seq"] + 1
        assert frame == await sync_to_async(forecast_shown)(newest, NOON)


@in_a_loop
async def test_timeframes_are_numbered_and_heard_apart(sol: Token) -> None:
    async with connected() as client:
        await client.ask("subscribe", channel="predictions", timeframe="4h", symbols="*")
        hour = await sync_to_async(a_forecast)(sol, "1h")
        four = await sync_to_async(a_forecast)(sol, "4h")
        await sync_to_async(push_forecasts)("1h", [hour.pk])
        await sync_to_async(push_forecasts)("4h", [four.pk])
        assert (await client.frame())["id"] == four.pk
        await client.expect_nothing_more()


@pytest.mark.parametrize("timeframe", [None, "2h", 1, ["1h"]])
@in_a_loop
async def test_a_timeframe_that_is_none_of_ours_is_refused(sol: Token, timeframe: object) -> None:
    async with connected() as client:
        answer = await client.ask("subscribe", channel="predictions", timeframe=timeframe, symbols=["SOL"])
        assert (answer["type"], answer["code"]) == ("error", "VALIDATION_ERROR")
        assert "15m" in answer["message"]


@in_a_loop
async def test_an_error_has_a_code_and_a_message(sol: Token) -> None:
    async with connected() as client:
        answer = await client.ask("subscribe", channel="prices", symbols=["NOPE"])
        assert answer.keys() == {"type", "code", "message"}


@pytest.mark.parametrize("path", ["/ws/v1/", "/ws/v1"])
@in_a_loop
async def test_the_path_counts_with_and_without_its_slash(path: str) -> None:
    async with connected(path) as client:
        assert await client.ask("ping") == {"type": "pong"}


@in_a_loop
async def test_another_path_is_closed_with_a_code_that_says_so() -> None:
    async with connected("/ws/v2/") as client:
        assert client.first["type"] == "websocket.accept"
        assert (await client.message())["code"] == 4404


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://[", "", "file://"])
@in_a_loop
async def test_a_page_of_another_site_is_not_let_in(origin: str) -> None:
    async with connected(headers={"origin": origin}) as client:
        assert client.first["type"] == "websocket.close"


@in_a_loop
async def test_our_own_pages_are_let_in() -> None:
    async with connected(headers={"origin": "http://localhost:8000"}) as client:
        assert client.first["type"] == "websocket.accept"


@in_a_loop
async def test_a_portfolio_frame_has_totals_and_what_changed(sol: Token) -> None:
    alice = await sync_to_async(a_user)()
    await sync_to_async(a_holding)(await sync_to_async(a_portfolio)(alice), sol.coingecko_id)
    async with connected() as client:
        await client.ask("authenticate", token=(await sync_to_async(tokens_for)(alice)).access)
        await client.ask("subscribe", channel="user")
        await process.hub().report()
        await sync_to_async(push_values)(now=NOON, wall=wall_now())
        frame = await client.frame()
        assert frame.keys() == PORTFOLIO_FIELDS
        assert frame["value"].keys() == PortfolioTotalsOutput().fields.keys()
        (held,) = frame["holdings"]
        assert held.keys() == HoldingOutput().fields.keys() | {"stale_at"}
        assert (frame["type"], frame["value"]["value_usd"]) == ("portfolio", "1405")


@in_a_loop
async def test_prices_are_pushed_when_the_market_announces_them(sol: Token) -> None:
    async with connected() as client:
        await client.subscribe(["SOL"])
        await sync_to_async(receivers.push_changed_prices)(token_ids=[sol.pk])
        assert (await client.frame())["type"] == "prices"
