"""A misbehaving source over real HTTP: no bad row is stored, its state is visible, and it recovers."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.lib.errors import SourceFailure, SourceUnavailable
from markets.health import market_source_check
from markets.models import Candle, LatestQuote, Quote, RefusedReply, SourceState, Token
from markets.sandbox.server import SandboxServer
from markets.services.backfill import backfill_essential
from markets.services.candles import fetch_closed_candles
from markets.services.fetching import fetch_quotes
from markets.services.trending import fetch_trending
from tests.make.markets import NOON
from tests.markets.conftest import MARKET_NOW

pytestmark = pytest.mark.django_db

HOUR = 3600
WHOLE = [
    "429",
    "500",
    "502",
    "503",
    "timeout",
    "hang_up",
    "slow_drip",
    "truncated",
    "html",
    "wrong_shape",
    "oversized",
]
ROWS = [
    "nulls",
    "nan",
    "negative_price",
    "zero_price",
    "absurd_price",
    "future_time",
    "past_time",
    "duplicate_keys",
]


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> float:
    """Short only where the source would keep us waiting for ever: a busy machine is no fault."""
    called = getattr(request.node, "callspec", None)
    return 1.5 if called and called.params.get("fault") in {"timeout", "slow_drip"} else 15.0


def later(sandbox: SandboxServer, **passed: float) -> datetime:
    moment = MARKET_NOW + timedelta(**passed)
    sandbox.clock.move(market_at=moment.timestamp())
    return moment


def quotes_now() -> dict[int, tuple[Any, ...]]:
    rows = LatestQuote.objects.values_list(
        "token_id", "observed_at", "price_usd", "market_cap", "volume_24h", "ath"
    )
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("fault", WHOLE)
def test_a_broken_reply_leaves_the_last_good_prices(
    sandbox: SandboxServer, registered: list[Token], fault: str
) -> None:
    fetch_quotes(MARKET_NOW)
    before = quotes_now()
    sandbox.faults.add(fault, "coingecko", count=1, retry_after=0)
    now = later(sandbox, minutes=6)
    with pytest.raises(SourceFailure):
        fetch_quotes(now)
    assert quotes_now() == before
    state = SourceState.objects.get(name="coingecko")
    assert (state.failures, bool(state.last_error), state.last_error_at is not None) == (1, True, True)
    assert market_source_check(now)["status"] == "degraded"
    SourceState.objects.update(retry_at=None)  # as if the pause were over
    assert len(fetch_quotes(now).token_ids) == len(registered)
    assert SourceState.objects.get(name="coingecko").failures == 0
    assert market_source_check(now)["status"] == "healthy"


@pytest.mark.parametrize("fault", ROWS)
def test_a_row_without_sense_is_never_stored(
    sandbox: SandboxServer, registered: list[Token], fault: str
) -> None:
    fetch_quotes(MARKET_NOW)
    before = quotes_now()
    sandbox.faults.add(fault, "coingecko", count=1)
    now = later(sandbox, minutes=6)
    try:
        fetched = fetch_quotes(now)
    except SourceFailure:
        assert quotes_now() == before
    else:
        for quote in LatestQuote.objects.filter(token_id__in=fetched.token_ids):
            assert MARKET_NOW < quote.observed_at <= now + timedelta(minutes=1)
            assert 1 / 20 < quote.price_usd / before[quote.token_id][1] < 20
            assert quote.market_cap is None or quote.market_cap >= 0
    assert Quote.objects.filter(price_usd__lte=0).count() == 0
    assert RefusedReply.objects.filter(source="coingecko").exists()
    assert SourceState.objects.get(name="coingecko").refused > 0
    assert len(fetch_quotes(later(sandbox, minutes=12)).token_ids) == len(registered)


@pytest.mark.parametrize("fault", [*WHOLE, *ROWS])
def test_candles_survive_every_fault(sandbox: SandboxServer, registered: list[Token], fault: str) -> None:
    token = next(token for token in registered if token.binance_symbol)
    Token.objects.exclude(pk=token.pk).update(active=False)
    backfill_essential(MARKET_NOW, tokens=[token])
    before = dict(Candle.objects.values_list("pk", "close"))
    last = Candle.objects.filter(interval=HOUR).latest("open_time")
    now = later(sandbox, hours=3)
    sandbox.faults.add(fault, "binance", retry_after=0)
    try:
        fetch_closed_candles(now)
    except SourceFailure:
        assert SourceState.objects.get(name="binance").failures == 1
    for candle in Candle.objects.exclude(pk__in=list(before)[:0]).filter(open_time__gt=last.open_time):
        assert 1 / 20 < candle.close / last.close < 20
        assert candle.open_time + timedelta(seconds=candle.interval) <= now
    sandbox.faults.clear()
    SourceState.objects.update(retry_at=None)
    fetch_closed_candles(now)
    assert {pk: close for pk, close in Candle.objects.values_list("pk", "close") if pk in before} == before
    newest = Candle.objects.filter(interval=HOUR).latest("open_time")
    assert newest.open_time == NOON + timedelta(hours=2)


@pytest.mark.parametrize("fault", ["html", "wrong_shape", "500", "timeout"])
def test_trending_keeps_its_last_snapshot(
    sandbox: SandboxServer, registered: list[Token], fault: str
) -> None:
    sandbox.faults.add(fault, "coingecko", count=1, retry_after=0)
    with pytest.raises(SourceFailure):
        fetch_trending(MARKET_NOW)


def test_a_source_that_keeps_failing_is_left_alone(sandbox: SandboxServer, registered: list[Token]) -> None:
    sandbox.faults.add("500", "coingecko", retry_after=0)
    for _ in range(5):
        with pytest.raises(SourceUnavailable):
            fetch_quotes(MARKET_NOW)
        SourceState.objects.filter(state="closed").update(retry_at=None)
    assert SourceState.objects.get(name="coingecko").state == "open"
    asked = sandbox.requests["coingecko /coins/markets"]
    with pytest.raises(SourceUnavailable, match="left alone"):
        fetch_quotes(MARKET_NOW)
    assert sandbox.requests["coingecko /coins/markets"] == asked


def test_an_open_circuit_closes_with_the_first_success(
    sandbox: SandboxServer, registered: list[Token]
) -> None:
    SourceState.objects.create(name="coingecko", state="open", failures=9, opened_at=NOON, retry_at=NOON)
    assert fetch_quotes(MARKET_NOW).token_ids
    state = SourceState.objects.get(name="coingecko")
    assert (state.state, state.failures, state.opened_at) == ("closed", 0, None)


def test_a_pause_that_the_source_asks_for_is_kept(sandbox: SandboxServer, registered: list[Token]) -> None:
    sandbox.faults.add("429", "coingecko", count=1, retry_after=120)
    for _ in range(2):
        with pytest.raises(SourceUnavailable) as caught:
            fetch_quotes(MARKET_NOW)
        assert caught.value.retry_after == pytest.approx(120, abs=2)
    assert sandbox.requests["coingecko /coins/markets"] == 1
