"""From a source over real HTTP into the tables: the good days."""

from datetime import timedelta
from typing import Any

import pytest

from markets.events import candles_stored
from markets.models import Candle, LatestQuote, ProviderCalls, Quote, SourceState, Token, TrendingToken
from markets.providers.base import POINTS
from markets.sandbox.server import SandboxServer
from markets.services import candles as candles_service
from markets.services.backfill import backfill_deep, backfill_essential
from markets.services.candles import fetch_closed_candles
from markets.services.details import fetch_details
from markets.services.fetching import fetch_quotes
from markets.services.gaps import fill_gaps
from markets.services.points import fetch_points
from markets.services.trending import fetch_trending
from tests.make.markets import NOON, a_token
from tests.markets.conftest import MARKET_NOW

pytestmark = pytest.mark.django_db

HOUR, QUARTER = 3600, 900


def later(sandbox: SandboxServer, **passed: float) -> Any:
    """Move the market on; gives the new time."""
    moment = MARKET_NOW + timedelta(**passed)
    sandbox.clock.move(market_at=moment.timestamp())
    return moment


def test_one_request_brings_the_prices_of_all_tokens(sandbox: SandboxServer, registered: list[Token]) -> None:
    stranger = a_token("GONE", "gone")
    fetched = fetch_quotes(MARKET_NOW)
    assert sandbox.requests == {"coingecko /coins/markets": 1}
    assert sorted(fetched.token_ids) == sorted(token.pk for token in registered)
    assert fetched.missing == [stranger.coingecko_id]
    assert (Quote.objects.count(), LatestQuote.objects.count()) == (len(registered),) * 2
    assert ProviderCalls.objects.get().calls == 1


def test_quotes_carry_every_field_and_the_market_they_are_from(registered: list[Token]) -> None:
    fetch_quotes(MARKET_NOW)
    quote = LatestQuote.objects.get(token__coingecko_id="solana")
    assert quote.source == "simulated"
    assert abs(quote.observed_at - MARKET_NOW) < timedelta(minutes=2)
    assert None not in (
        quote.market_cap,
        quote.volume_24h,
        quote.circulating_supply,
        quote.change_percentage_7d,
    )


def test_a_success_is_written_down(registered: list[Token]) -> None:
    fetch_quotes(MARKET_NOW)
    state = SourceState.objects.get(name="coingecko")
    assert (state.state, state.failures) == ("closed", 0)
    assert state.last_success_at is not None


def test_backfill_brings_what_forecasts_need_and_goes_on_where_it_was(
    sandbox: SandboxServer, registered: list[Token]
) -> None:
    tokens = registered[:2]
    told: list[tuple[int, int, str]] = []
    assert backfill_essential(MARKET_NOW, lambda *line: told.append(line), tokens=tokens).is_done
    for token in tokens:
        assert Candle.objects.filter(token=token, interval=HOUR).count() == 92 * 24
        assert Candle.objects.filter(token=token, interval=QUARTER).count() == 35 * 96
    assert told[-1][0] == told[-1][1]
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    sandbox.requests.clear()
    assert backfill_essential(MARKET_NOW, tokens=tokens).is_done
    assert not sandbox.requests


def test_an_interrupted_backfill_leaves_no_hole(sandbox: SandboxServer, registered: list[Token]) -> None:
    sol = registered[0]
    sandbox.faults.add("500", "binance", probability=0.5)
    for _ in range(60):
        try:
            backfill_essential(MARKET_NOW, tokens=[sol])
        except Exception as error:  # whatever it met, what is stored has no hole
            assert "binance" in str(error).lower() or "Binance" in str(error)
        SourceState.objects.update(state="closed", retry_at=None, failures=0)
        opens = list(
            Candle.objects.filter(interval=HOUR).order_by("open_time").values_list("open_time", flat=True)
        )
        assert not opens or opens[-1] - opens[0] == timedelta(hours=len(opens) - 1)
        if len(opens) == 92 * 24:
            break
    assert len(opens) == 92 * 24


def test_the_time_that_backfill_may_take_is_bounded(registered: list[Token]) -> None:
    assert backfill_essential(MARKET_NOW, tokens=registered, seconds=0).is_cut
    assert not Candle.objects.exists()


def test_a_source_that_has_less_ends_the_backfill(sandbox: SandboxServer, registered: list[Token]) -> None:
    sol = registered[0]
    backfill_deep(MARKET_NOW, tokens=[sol])
    sol.refresh_from_db()
    assert sol.candles_complete
    assert sol.candles_from == Candle.objects.filter(interval=HOUR).order_by("open_time")[0].open_time


def test_tokens_no_exchange_lists_have_points(sandbox: SandboxServer, registered: list[Token]) -> None:
    token = registered[0]
    Token.objects.filter(pk=token.pk).update(binance_symbol="")
    token.refresh_from_db()
    backfill_essential(MARKET_NOW, tokens=[token])
    token.refresh_from_db()
    assert (token.candle_source, token.candles_complete) == (POINTS, True)
    hours = Candle.objects.filter(token=token, interval=HOUR)
    assert hours.count() > 24 * 85
    assert not hours.exclude(volume=None, high=None, low=None, open=None).exists()
    assert 90 <= Candle.objects.filter(token=token, interval=QUARTER).count() <= 97


def test_a_pair_that_the_exchange_does_not_know_becomes_points(registered: list[Token]) -> None:
    token = registered[0]
    Token.objects.filter(pk=token.pk).update(binance_symbol="NOSUCHUSDT")
    token.refresh_from_db()
    backfill_essential(MARKET_NOW, tokens=[token])
    token.refresh_from_db()
    assert token.candle_source == POINTS
    assert Candle.objects.filter(token=token).exists()


def test_closed_candles_are_stored_and_announced_once_for_each_interval(
    sandbox: SandboxServer, registered: list[Token], django_capture_on_commit_callbacks: Any
) -> None:
    tokens = registered[:3]
    Token.objects.exclude(pk__in=[token.pk for token in tokens]).update(active=False)
    backfill_essential(MARKET_NOW, tokens=tokens)
    heard: list[dict[str, Any]] = []

    def hear(**event: Any) -> None:
        heard.append(event)

    candles_stored.connect(hear)
    now = later(sandbox, hours=1)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            stored = fetch_closed_candles(now)
    finally:
        candles_stored.disconnect(hear)
    expected = NOON + timedelta(hours=1)
    assert sorted(stored[HOUR]) == sorted(token.pk for token in tokens)
    assert [(event["interval"], event["closed_at"]) for event in heard] == [
        (QUARTER, expected),
        (HOUR, expected),
    ]
    assert sorted(heard[0]["token_ids"]) == sorted(token.pk for token in tokens)
    assert ProviderCalls.objects.filter(source="binance").exists()
    newest = Candle.objects.filter(interval=QUARTER).latest("open_time")
    assert newest.open_time == expected - timedelta(minutes=15)


def test_exchange_candles_are_announced_before_points_are_asked_for(
    sandbox: SandboxServer, registered: list[Token], monkeypatch: pytest.MonkeyPatch
) -> None:
    pointed, traded = registered[:2]
    Token.objects.exclude(pk__in=[pointed.pk, traded.pk]).update(active=False)
    Token.objects.filter(pk=pointed.pk).update(binance_symbol="NOSUCHUSDT")
    backfill_essential(MARKET_NOW, tokens=list(Token.objects.filter(active=True)))
    heard: list[tuple[int, list[int]]] = []
    when_asked: list[list[tuple[int, list[int]]]] = []

    def hear(interval: int, token_ids: list[int], **_: Any) -> None:
        heard.append((interval, token_ids))

    def ask_later(*arguments: Any) -> Any:
        when_asked.append(list(heard))
        return fetch_points(*arguments)

    monkeypatch.setattr(candles_service, "fetch_points", ask_later)
    monkeypatch.setattr(candles_service.transaction, "on_commit", lambda send: send())
    candles_stored.connect(hear)
    try:
        stored = fetch_closed_candles(later(sandbox, hours=1))
    finally:
        candles_stored.disconnect(hear)
    exchange, points = [(QUARTER, [traded.pk]), (HOUR, [traded.pk])], (HOUR, [pointed.pk])
    assert when_asked == [exchange]
    assert heard[:2] == exchange
    assert points in heard[2:]
    assert sorted(stored[HOUR]) == sorted([pointed.pk, traded.pk])


def test_nothing_new_is_nothing_asked(sandbox: SandboxServer, registered: list[Token]) -> None:
    exchange = [token for token in registered if token.binance_symbol][:1]
    Token.objects.exclude(pk=exchange[0].pk).update(active=False)
    backfill_essential(MARKET_NOW, tokens=exchange)
    sandbox.requests.clear()
    assert fetch_closed_candles(MARKET_NOW) == {QUARTER: [], HOUR: []}
    assert not sandbox.requests


def test_holes_are_found_and_filled(registered: list[Token]) -> None:
    sol = registered[0]
    Token.objects.exclude(pk=sol.pk).update(active=False)
    backfill_essential(MARKET_NOW, tokens=[sol])
    hole = Candle.objects.filter(
        interval=HOUR, open_time__gte=NOON - timedelta(hours=9), open_time__lt=NOON - timedelta(hours=5)
    )
    hole.delete()
    Candle.objects.filter(interval=QUARTER, open_time=NOON - timedelta(minutes=15)).delete()
    assert fill_gaps(MARKET_NOW) == 5
    assert fill_gaps(MARKET_NOW) == 0


def test_trending_is_tied_to_the_registry(registered: list[Token]) -> None:
    Token.objects.filter(pk=registered[0].pk).delete()
    places = fetch_trending(MARKET_NOW)
    assert places == TrendingToken.objects.count() > 0
    for row in TrendingToken.objects.all():
        assert (row.token is not None) == Token.objects.filter(coingecko_id=row.coingecko_id).exists()


def test_details_are_looked_up_once_a_day(sandbox: SandboxServer, registered: list[Token]) -> None:
    assert fetch_details(MARKET_NOW).tokens == len(registered)
    assert not Token.objects.filter(details_at=None).exists()
    sandbox.requests.clear()
    assert fetch_details(MARKET_NOW).tokens == 0
    assert not sandbox.requests
