"""How a portfolio did, from its bookings and the stored candles: value, gaps, what lies outside, benchmarks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from markets.models import Candle, Token
from portfolios.models import Portfolio
from portfolios.selectors.performance.benchmarks import CHOICES
from portfolios.selectors.performance.bookings import bookings
from portfolios.selectors.performance.figures import Performance, performance
from portfolios.selectors.performance.shown import performance_shown
from tests.make.accounts import a_user
from tests.make.markets import a_token, candles
from tests.make.portfolios import a_portfolio, a_transaction
from tests.make.predictions import a_forecast, a_version

pytestmark = pytest.mark.django_db
HOUR, DAY = 3600, timedelta(days=1)
END = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.fixture
def alices() -> Portfolio:
    return a_portfolio(a_user())


@pytest.fixture
def sol() -> Token:
    return hours_of("SOL", "solana", [100.0] * 24 * 60)


def hours_of(symbol: str, coingecko_id: str, closes: list[float | None], end: datetime = END) -> Token:
    token = a_token(symbol, coingecko_id)
    candles(token, HOUR, closes, end)
    return token


def days(*closes: float) -> list[float | None]:
    """Each day at one price: its first hour closes with it, and so does the midnight that ends it."""
    return [close for close in closes for _ in range(24)]


def did(portfolio: Portfolio, benchmark: str = "none", now: datetime = END, **asked: Any) -> Performance:
    found = performance(portfolio, benchmark=benchmark, now=now, **asked)
    assert found is not None
    return found


def bought(portfolio: Portfolio, before: timedelta, **fields: Any) -> None:
    a_transaction(portfolio, executed_at=END - before, **fields)
    portfolio.revision += 1  # as booking does


def test_nothing_booked_is_nothing_to_tell(alices: Portfolio):
    assert performance(alices, benchmark="SOL", now=END) is None
    assert performance_shown(alices, None)["series"] == []


def test_value_follows_the_closes_and_what_was_put_in_is_no_gain(alices: Portfolio):
    hours_of("SOL", "solana", days(*[100.0] * 40, *[110.0] * 10))
    bought(alices, DAY * 45, quantity=Decimal(10), price_usd=Decimal(100))
    bought(alices, DAY * 5, quantity=Decimal(10), price_usd=Decimal(110))
    found = did(alices)
    assert found.span.step == 86400
    assert found.course.values[[0, 1, -1]].tolist() == [0.0, 1000.0, 2200.0]
    assert found.time_weighted == pytest.approx(0.10)
    assert (found.reckoning.passed.put_in, found.reckoning.passed.taken_out) == (2100, 0)
    assert performance_shown(alices, found)["gain_usd"] == "100.00000000"


def test_a_month_is_told_by_the_hour(alices: Portfolio, sol: Token):
    bought(alices, timedelta(hours=30, minutes=20))
    found = did(alices)
    assert (found.span.step, len(found.span.times)) == (HOUR, 32)
    assert found.course.values[:3].tolist() == [0.0, 1000.0, 1000.0]


def test_any_range_is_told(alices: Portfolio, sol: Token):
    bought(alices, DAY * 50)
    found = did(alices, since=END - DAY * 40, until=END - DAY * 35)
    assert (found.span.since, found.span.until) == (END - DAY * 40, END - DAY * 35)
    assert found.course.put_in.sum() == 0


def test_a_day_without_a_price_is_a_gap_and_not_filled(alices: Portfolio):
    closes = days(*[100.0] * 50)
    silent = len(closes) - 24 * 10
    closes[silent - 2 : silent] = [None, None]  # the hour that closes at midnight, and the one before it
    hours_of("SOL", "solana", closes)
    bought(alices, DAY * 45)
    (gap,) = performance_shown(alices, did(alices))["gaps"]
    assert gap == {"from": "2026-03-10T00:00:00Z", "to": "2026-03-10T00:00:00Z", "assets": ("solana",)}


def test_one_missing_hour_is_answered_with_the_one_before_it(alices: Portfolio):
    closes = days(*[100.0] * 49, 120.0)
    closes[-1] = None
    hours_of("SOL", "solana", closes)
    bought(alices, DAY * 45)
    found = did(alices)
    assert found.course.values[-1] == 1200
    assert found.reckoning.observed_at == END - timedelta(hours=1)


def test_what_has_no_price_at_all_lies_outside_and_is_named(alices: Portfolio, sol: Token):
    bought(alices, DAY * 40)
    bought(alices, DAY * 30, kind="airdrop", asset="SPAM", price_usd=None)
    paid = {"quote_asset": "solana", "quote_quantity": Decimal(4), "price_usd": Decimal("0.8")}
    bought(alices, DAY * 20, asset="SPAM", quantity=Decimal(500), **paid)
    shown = performance_shown(alices, did(alices))
    assert shown["left_out"] == [{"asset": "SPAM", "reason": "no token of this name is known"}]
    assert (shown["value_usd"], shown["taken_out_usd"]) == ("600.00000000", "400.00000000")
    assert shown["time_weighted_percentage"] == pytest.approx(0.0)


def test_a_transfer_counts_at_the_close_of_its_hour(alices: Portfolio, sol: Token):
    bought(alices, DAY * 40, kind="transfer_in", price_usd=Decimal(7))
    shown = performance_shown(alices, did(alices))
    assert (shown["put_in_usd"], shown["flows_by_market"]) == ("1000.00000000", 1)


def test_a_flow_that_nobody_can_value_leaves_returns_unknown(alices: Portfolio):
    hours_of("SOL", "solana", days(*[100.0] * 20))
    bought(alices, DAY * 40, quote_asset="EUR", quote_quantity=Decimal(900), price_usd=None)
    shown = performance_shown(alices, did(alices))
    assert (shown["flows_unknown"], shown["time_weighted_percentage"], shown["gain_usd"]) == (1, None, None)


def test_the_same_money_in_bitcoin(alices: Portfolio, sol: Token):
    hours_of("BTC", "bitcoin", days(*[1000.0] * 40, *[1500.0] * 20))
    bought(alices, DAY * 45)
    found = performance_shown(alices, did(alices, "BTC"))["benchmark"]
    assert (found["value_usd"], found["price_percentage"]) == ("1500.00000000", pytest.approx(50.0))
    assert found["own_time_weighted_percentage"] == pytest.approx(0.0)


def test_without_prices_of_the_benchmark_there_is_a_reason_and_no_figure(alices: Portfolio, sol: Token):
    bought(alices, DAY * 45)
    found = performance_shown(alices, did(alices, "ETH"))["benchmark"]
    assert (found["reason"], found["value_usd"]) == ("There are no prices of ETH in this time.", None)


def test_a_basket_is_made_of_the_largest_holdings_of_the_beginning(alices: Portfolio, sol: Token):
    """A dollar in SOL and one in JUP, which doubles: half more."""
    hours_of("JUP", "jupiter", days(*[1.0] * 50, *[2.0] * 10))
    bought(alices, DAY * 45)
    bought(alices, DAY * 45, asset="jupiter", quantity=Decimal(10), price_usd=Decimal(1))
    found = did(alices, "basket")
    assert found.reckoning.largest == ("solana", "jupiter")
    assert found.benchmark.followed.price_return == pytest.approx(0.5)


def test_following_forecasts_takes_published_ones_made_in_time_alone(alices: Portfolio):
    """Up, nothing, down, then late and stood-in ones: SOL on the first day alone."""
    sol = hours_of("SOL", "solana", days(*[100.0] * 30, 110.0, 121.0, 133.1, 146.41, 161.051))
    bought(alices, DAY * 20)
    champion = a_version("1d", "ensemble", role="champion")
    said = [(5, {}), (3, {"up": 2000, "down": 4000}), (2, {"late": True}), (1, {"fallback": True})]
    for ago, fields in said:
        a_forecast(sol, "1d", END - DAY * ago, version=champion, **fields)
    a_forecast(sol, "1d", END - DAY * 4, version=a_version("1d"))  # climatology in the champion's place
    shown = performance_shown(alices, did(alices, "forecasts"))["benchmark"]
    assert (shown["from"], shown["to"]) == ("2026-03-15T00:00:00Z", "2026-03-18T00:00:00Z")
    assert (shown["days_with_forecast"], shown["days"]) == (2, 3)
    assert shown["price_percentage"] == pytest.approx(10.0)


def test_without_forecasts_there_is_nothing_to_follow(alices: Portfolio, sol: Token):
    bought(alices, DAY * 45)
    found = did(alices, "forecasts").benchmark
    assert (found.followed, found.reason) == (
        None,
        "No forecast for a day of SOL was published in this time.",
    )


@pytest.mark.parametrize("benchmark", CHOICES)
@pytest.mark.parametrize("ago", [timedelta(hours=20), DAY * 32], ids=["by the hour", "by the day"])
def test_queries_do_not_grow_with_holdings_and_bookings(alices: Portfolio, benchmark: str, ago: timedelta):
    for number, coin in enumerate(("solana", "bitcoin", "ethereum")):
        hours_of(f"C{number}", coin, [100.0] * 24)
    counts = []
    for more in range(2):
        for number in range(1 + 5 * more):
            asset = f"token-{more}-{number}"
            hours_of(f"T{more}{number}", asset, [1.0] * 24)
            bought(alices, ago, asset=asset)
            bought(alices, timedelta(hours=9), kind="transfer_out", asset=asset, quantity=Decimal(3))
        with CaptureQueriesContext(connection) as queries:
            did(alices, benchmark)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("microseconds", [0, 1, 999_999, 120_000])
def test_bookings_are_read_with_their_moments_to_the_last_digit(alices: Portfolio, microseconds: int):
    at = END - DAY + timedelta(seconds=59, microseconds=microseconds)
    bought(alices, END - at, quantity=Decimal("0.000000000000000001"))
    (row,) = bookings(alices, before=END)
    assert (row.at, row.at.tzinfo, row.quantity) == (at, UTC, Decimal("0.000000000000000001"))
    assert list(bookings(alices, before=at)) == []


def test_a_second_look_reckons_nothing_anew_until_something_is_booked(alices: Portfolio, sol: Token):
    bought(alices, DAY * 45)
    first = did(alices).reckoning
    Candle.objects.all().delete()
    assert did(alices, "BTC").reckoning.course.values.tolist() == first.course.values.tolist()
    bought(alices, DAY * 30)
    assert np.isnan(did(alices).reckoning.course.values).all()


def test_a_price_that_stopped_is_stale(alices: Portfolio, sol: Token):
    bought(alices, DAY * 45)
    assert did(alices, now=END + timedelta(minutes=30)).freshness == "live"
    late = did(alices, now=END + timedelta(hours=4))
    assert (late.freshness, late.reckoning.observed_at) == ("stale", END)
