"""From the sandbox's stream into the tables."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.lib.clock import market_now
from core.models import SourceStamp
from markets.models import LatestQuote, Quote, SourceState, StreamState, Token
from markets.sandbox.server import SandboxServer
from markets.services.streaming import collector as collecting
from markets.services.streaming.collector import Collector
from markets.services.streaming.pairs import followed_pairs
from tests.make.markets import a_quote, a_token
from tests.markets.streaming.conftest import HASTE, Until, collect_until, latest, state

pytestmark = pytest.mark.django_db


def prices_of(token: Token, count: int) -> list[float]:
    """So many different prices in the order in which they were stored."""
    seen: list[float] = []

    def look() -> bool:
        quote = LatestQuote.objects.get(token=token)
        if quote.streamed and (not seen or seen[-1] != quote.price_usd):
            seen.append(quote.price_usd)
        return len(seen) >= count

    collect_until(look)
    return seen


def test_prices_arrive_as_they_happen(sol: Token, upstream: SandboxServer) -> None:
    prices = prices_of(sol, 3)
    quote = latest()
    assert len(set(prices)) == 3
    assert (quote.source, quote.streamed, quote.market_cap) == ("simulated", True, 5e9)
    then = upstream.market.last_price("solana", quote.observed_at.timestamp())
    assert then is not None
    assert quote.price_usd == pytest.approx(then[0])
    assert quote.observed_at <= market_now()
    assert Quote.objects.filter(token=sol).count() == 1


def test_the_state_of_the_stream_is_written_down_and_the_lease_given_back(sol: Token) -> None:
    seen: list[StreamState] = []

    def look() -> bool:
        seen.append(state()) if StreamState.objects.exists() else None
        return latest().streamed and len(seen) > 3

    collect_until(look)
    assert seen[-1].opened_at
    assert (seen[-1].connections, seen[-1].refused) == (1, 0)
    assert state().heard_at is not None
    assert (state().opened_at, state().holder, state().leased_until) == (None, "", None)


def test_tokens_of_no_pair_keep_the_price_of_the_poll(sol: Token) -> None:
    unlisted = a_token("NOPAIR", binance_symbol="")
    a_quote(unlisted, 3.0)
    prices_of(sol, 2)
    assert latest("NOPAIR").price_usd == 3.0


def test_a_pair_that_two_tokens_claim_is_neithers(sol: Token) -> None:
    assert followed_pairs()["SOLUSDT"] == sol.pk
    a_token("SOL2", binance_symbol="SOLUSDT")
    assert "SOLUSDT" not in followed_pairs()


def test_a_token_that_is_followed_later_is_listened_to_without_a_new_connection(
    sol: Token, upstream: SandboxServer
) -> None:
    Token.objects.exclude(symbol="SOL").update(active=False)

    def look() -> bool:
        if latest().streamed:
            Token.objects.filter(symbol="BTC").update(active=True)
        return LatestQuote.objects.filter(token__symbol="BTC", streamed=True).exists()

    bitcoin = Token.objects.get(symbol="BTC")
    now = market_now()
    price = upstream.market.last_price("bitcoin", now.timestamp())
    assert price is not None
    a_quote(bitcoin, price[0], now)
    collect_until(look)
    assert state().connections == 1


def test_prices_in_a_tether_off_its_peg_are_not_told_in_dollars(sol: Token) -> None:
    a_quote(a_token("USDT", "tether", binance_symbol=""), 0.97)
    collect_until(lambda: StreamState.objects.filter(refused__gte=2).exists())
    assert not latest().streamed


def test_what_the_stream_would_have_said_is_asked_for_once_it_is_away(
    sol: Token, upstream: SandboxServer
) -> None:
    upstream.faults.add("503", "stream", retry_after=0)
    collect_until(lambda: latest().streamed, replace(HASTE, replies=0.3))
    assert state().last_error == "Binance's stream answered 503."
    assert upstream.requests["binance /ticker/24hr"] > 0
    assert SourceState.objects.get(name="binance").state == "closed"


def test_a_stream_of_another_market_is_not_listened_to(
    sol: Token, settings: SimpleNamespace, upstream: SandboxServer
) -> None:
    settings.MARKET = replace(settings.MARKET, kind="replay", identity="0123456789")
    SourceStamp.objects.update(kind="replay", identity="0123456789")
    collect_until(lambda: StreamState.objects.filter(last_error__contains="simulated market").exists())
    assert not latest().streamed and not upstream.requests["binance /ticker/24hr"]


def test_a_database_of_another_market_is_not_written_to(sol: Token) -> None:
    SourceStamp.objects.update(kind="live", identity="live")
    looks = iter(range(100))
    Collector(Until(lambda: next(looks) >= 9), HASTE).run()
    assert not StreamState.objects.exists()


def test_where_no_stream_is_wanted_nothing_is_opened(sol: Token, settings: SimpleNamespace) -> None:
    settings.MARKET = replace(settings.MARKET, stream_url="")
    collecting.collect(Until(lambda: True), HASTE)
    assert not StreamState.objects.exists()
