"""What is kept how long."""

from datetime import timedelta

import pytest

from markets.models import Candle, ProviderCalls, Quote, RefusedReply, Token, TrendingToken
from markets.providers.base import Refusal
from markets.services.retention import clean_up
from markets.services.source_states import REFUSALS_KEPT, refused
from tests.make.markets import NOON, a_token, candles

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)


@pytest.fixture
def sol() -> Token:
    return a_token("SOL")


def quotes_at(token: Token, *ages: timedelta) -> None:
    for age in ages:
        at = NOON - age
        Quote.objects.create(token=token, observed_at=at, fetched_at=at, price_usd=1.0, source="s")


def test_quotes_of_the_last_month_stay_whole_and_older_ones_become_hourly(sol: Token) -> None:
    minutes = [timedelta(minutes=n) for n in (5, 20, 40, 70)]
    quotes_at(sol, *minutes, *(MONTH + age for age in minutes))
    assert clean_up(NOON, NOON).quotes == 2
    kept = Quote.objects.filter(observed_at__lt=NOON - MONTH).values_list("observed_at", flat=True)
    assert sorted(NOON - MONTH - at for at in kept) == [timedelta(minutes=5), timedelta(minutes=70)]
    assert Quote.objects.filter(observed_at__gt=NOON - MONTH).count() == 4


def test_thinning_again_changes_nothing_and_tokens_are_kept_apart(sol: Token) -> None:
    quotes_at(sol, MONTH + timedelta(minutes=5))
    quotes_at(a_token("BONK"), MONTH + timedelta(minutes=6))
    assert (clean_up(NOON, NOON).quotes, clean_up(NOON, NOON).quotes) == (0, 0)


def test_quarter_hours_go_after_400_days_and_hours_never(sol: Token) -> None:
    old = NOON - timedelta(days=400)
    candles(sol, 900, [1.0, 2.0, 3.0], old + timedelta(minutes=30))
    candles(sol, 3600, [1.0, 2.0], old)
    assert clean_up(NOON, NOON).candles == 1
    assert Candle.objects.filter(interval=900).count() == 2
    assert Candle.objects.filter(interval=3600).count() == 2


def test_bookkeeping_goes_sooner(sol: Token) -> None:
    for days in (10, 100):
        at = NOON - timedelta(days=days)
        ProviderCalls.objects.create(source="coingecko", minute=at, calls=1)
        TrendingToken.objects.create(
            observed_at=at, rank=1, coingecko_id="a", symbol="A", name="A", source="s"
        )
    assert clean_up(NOON, NOON).others == 2
    assert (ProviderCalls.objects.count(), TrendingToken.objects.count()) == (1, 1)


def test_only_the_newest_refusals_are_kept() -> None:
    rows = [RefusedReply(source="s", endpoint="e", reason=str(n), seen_at=NOON) for n in range(REFUSALS_KEPT)]
    RefusedReply.objects.bulk_create(rows)
    refused("coingecko", "coins/markets", [Refusal("sol", "newest")])
    assert RefusedReply.objects.count() == REFUSALS_KEPT
    assert RefusedReply.objects.latest("id").reason == "newest"
    assert not RefusedReply.objects.filter(reason="0").exists()
