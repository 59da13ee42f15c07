"""What becomes of the stream's prices, and of polls beside them."""

from datetime import timedelta
from typing import Any

import pytest

from markets.events import prices_changed, quotes_stored
from markets.freshness import QUOTE_LIMIT
from markets.models import LatestQuote, PriceTurn, Quote, Token
from markets.providers.base import MarketRecord, Tick
from markets.services.latest_rows import STREAM_HOLDS
from markets.services.price_turns import forget_turns
from markets.services.quote_storage import store_quotes
from markets.services.tick_storage import StoredTicks, store_ticks
from tests.make.markets import NOON, a_quote, a_token, candles

pytestmark = pytest.mark.django_db
HOLDS = int(STREAM_HOLDS.total_seconds())


@pytest.fixture
def sol() -> Token:
    return a_token("SOL", "solana", rank=7)


@pytest.fixture
def polled(sol: Token) -> LatestQuote:
    return a_quote(sol, 100.0, market_cap=5e9, volume_24h=1e8, change_24h=3.0)


def a_tick(price: float = 101.0, seconds: float = 30, **fields: Any) -> Tick:
    return Tick("SOLUSDT", NOON + timedelta(seconds=seconds), price, **fields)


def stored(*ticks: Tick, source: str = "binance", turns: tuple[Tick, ...] = ()) -> StoredTicks:
    tokens = {token.binance_symbol: token.pk for token in Token.objects.all()}
    return store_ticks(ticks, tokens, source=source, now=ticks[-1].observed_at, turns=turns)


def poll(price: float, seconds: float, fetched: float | None = None, **fields: Any) -> Any:
    tokens = {token.coingecko_id: token for token in Token.objects.all()}
    record = MarketRecord("solana", NOON + timedelta(seconds=seconds), price, **fields)
    now = NOON + timedelta(seconds=seconds if fetched is None else fetched)
    return store_quotes([record], tokens, source="coingecko", fetched_at=now)


def shown() -> tuple[float, str, bool]:
    latest = LatestQuote.objects.get()
    return latest.price_usd, latest.source, latest.streamed


def test_a_price_of_the_stream_says_when_and_by_whom_it_was_observed(polled: LatestQuote) -> None:
    assert stored(a_tick(101.0, 30)).token_ids == [polled.token_id]
    latest = LatestQuote.objects.get()
    assert shown() == (101.0, "binance", True)
    assert latest.observed_at == NOON + timedelta(seconds=30)


def test_what_the_stream_does_not_know_stays_with_the_time_of_its_own_observation(
    polled: LatestQuote,
) -> None:
    stored(a_tick(101.0, 30))
    latest = LatestQuote.objects.get()
    assert (latest.market_cap, latest.volume_24h) == (5e9, 1e8)
    assert (latest.market_observed_at, latest.market_price_usd) == (NOON, 100.0)


def test_the_day_of_the_price_is_the_streams_too(polled: LatestQuote) -> None:
    stored(a_tick(110.0, opened_24h=100.0, high_24h=111.0, low_24h=99.0))
    latest = LatestQuote.objects.get()
    assert (latest.high_24h, latest.low_24h, latest.change_24h) == (111.0, 99.0, 10.0)
    assert latest.change_percentage_24h == pytest.approx(10.0)


def test_a_day_that_the_stream_does_not_know_is_not_made_up(polled: LatestQuote) -> None:
    stored(a_tick(110.0))
    assert LatestQuote.objects.get().change_24h is None


def test_an_older_price_is_refused(polled: LatestQuote) -> None:
    stored(a_tick(101.0, 30))
    assert "before the last" in stored(a_tick(102.0, 29)).refusals[0].reason
    assert shown()[0] == 101.0


def test_another_price_for_the_same_instant_is_refused(polled: LatestQuote) -> None:
    stored(a_tick(101.0, 30))
    assert "same instant" in stored(a_tick(102.0, 30)).refusals[0].reason


def test_the_same_price_again_is_no_news(polled: LatestQuote) -> None:
    stored(a_tick(101.0, 30))
    again = stored(a_tick(101.0, 30))
    assert (again.token_ids, again.refusals, again.unchanged) == ([], [], 1)


def test_a_price_older_than_the_poll_is_no_news(polled: LatestQuote) -> None:
    assert stored(a_tick(101.0, -5)).unchanged == 1
    assert shown()[0] == 100.0


@pytest.mark.parametrize("price", [201.0, 49.0, 100_000.0])
def test_a_price_far_from_the_last_poll_is_refused(polled: LatestQuote, price: float) -> None:
    assert "far from" in stored(a_tick(price)).refusals[0].reason
    assert shown()[0] == 100.0


def test_prices_cannot_drift_away_from_the_poll_step_by_step(polled: LatestQuote) -> None:
    for second, price in enumerate([150.0, 190.0, 250.0], start=1):
        stored(a_tick(price, second))
    assert shown()[0] == 190.0


def test_a_wrong_poll_does_not_keep_out_what_a_candle_vouches_for(sol: Token) -> None:
    a_quote(sol, 1000.0)
    candles(sol, 900, [100.0], end=NOON)
    assert stored(a_tick(101.0)).token_ids == [sol.pk]


def test_after_a_long_silence_more_is_believed(polled: LatestQuote) -> None:
    assert stored(a_tick(350.0, 3600)).token_ids
    assert stored(a_tick(100_000.0, 7200)).refusals


def test_a_first_price_waits_for_a_poll_or_a_candle(sol: Token) -> None:
    assert stored(a_tick()).unwitnessed == 1
    assert not LatestQuote.objects.exists()
    candles(sol, 900, [100.0], end=NOON)
    assert stored(a_tick()).token_ids == [sol.pk]
    assert LatestQuote.objects.get().market_observed_at is None


def test_a_poll_leaves_the_price_of_the_stream_alone_and_brings_the_rest(polled: LatestQuote) -> None:
    stored(a_tick(101.0, 200))
    assert poll(100.5, 240, market_cap=6e9, high_24h=130.0).token_ids
    latest = LatestQuote.objects.get()
    assert shown() == (101.0, "binance", True)
    assert (latest.market_cap, latest.high_24h) == (6e9, None)
    assert (latest.market_source, latest.market_price_usd) == ("coingecko", 100.5)
    assert latest.market_observed_at == NOON + timedelta(seconds=240)


def test_a_poll_takes_over_once_the_stream_has_been_silent_for_long(polled: LatestQuote) -> None:
    stored(a_tick(101.0, 30))
    poll(100.5, 30 + HOLDS)
    assert shown() == (101.0, "binance", True)
    poll(100.7, 31 + HOLDS)
    assert shown() == (100.7, "coingecko", False)


def test_no_poll_takes_the_price_back_in_time(polled: LatestQuote) -> None:
    stored(a_tick(101.0, 300))
    poll(100.5, 290, fetched=300 + 2 * HOLDS)
    assert shown() == (101.0, "binance", True)


def test_the_stream_has_the_price_again_with_its_first_message(polled: LatestQuote) -> None:
    poll(100.5, 300)
    stored(a_tick(101.0, 301))
    assert shown() == (101.0, "binance", True)


def test_the_history_is_the_polls_and_the_stream_stands_in_where_they_stay_away(polled: LatestQuote) -> None:
    for second in range(1, 1300):
        stored(a_tick(101.0 + second / 1e4, second))
    kept = Quote.objects.order_by("observed_at").values_list("observed_at", "source")
    assert [(int((at - NOON).total_seconds()), source) for at, source in kept][1:] == [
        (601, "binance"),
        (1202, "binance"),
    ]


def test_one_event_a_second_names_the_tokens_with_another_price(
    sol: Token, polled: LatestQuote, django_capture_on_commit_callbacks: Any
) -> None:
    a_quote(a_token("BONK"), 2.0)
    heard: list[Any] = []

    def hear(signal: Any, token_ids: list[int], **_: Any) -> None:
        heard.append((signal, token_ids))

    prices_changed.connect(hear)
    quotes_stored.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            stored(a_tick(101.0), Tick("BONKUSDT", NOON, 2.0))
    finally:
        prices_changed.disconnect(hear)
        quotes_stored.disconnect(hear)
    assert heard == [(prices_changed, [sol.pk])]


def test_a_poll_beside_the_stream_announces_a_whole_quote_and_no_price(
    polled: LatestQuote, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[str] = []

    def changed(**_: Any) -> None:
        heard.append("price")

    def whole(**_: Any) -> None:
        heard.append("quote")

    prices_changed.connect(changed)
    quotes_stored.connect(whole)
    stored(a_tick(101.0, 200))
    try:
        with django_capture_on_commit_callbacks(execute=True):
            poll(100.5, 240)
    finally:
        prices_changed.disconnect(changed)
        quotes_stored.disconnect(whole)
    assert heard == ["quote"]


def test_where_the_price_turned_is_kept_until_it_is_stale(polled: LatestQuote) -> None:
    stored(a_tick(101.0, 30), turns=(a_tick(104.0, 29.5),))
    turn = PriceTurn.objects.get()
    assert (turn.price_usd, turn.source, turn.observed_at) == (104.0, "binance", a_tick(0, 29.5).observed_at)
    assert shown() == (101.0, "binance", True)
    assert forget_turns(turn.observed_at + QUOTE_LIMIT) == 0
    assert forget_turns(turn.observed_at + QUOTE_LIMIT + timedelta(seconds=1)) == 1


def test_the_same_turn_told_again_is_one(polled: LatestQuote) -> None:
    for second in (30, 31):
        stored(a_tick(101.0 + second, second), turns=(a_tick(104.0, 29.5),))
    assert PriceTurn.objects.count() == 1


def test_a_turn_that_nobody_vouches_for_is_not_believed(polled: LatestQuote) -> None:
    stored(a_tick(101.0, 30), turns=(a_tick(100_000.0, 29.5), a_tick(0.01, 29.7)))
    assert not PriceTurn.objects.exists()
