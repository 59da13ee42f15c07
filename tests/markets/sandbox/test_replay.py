"""A replay shows what real candles say and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from markets.sandbox.market import DAY
from markets.sandbox.registry import Listing
from markets.sandbox.replay import ReplayMarket
from tests.markets.candles.test_folder import write
from tests.markets.candles.walks import walk

HOUR, QUARTER, FIVE = 3600, 900, 300
CANDLES = Path(__file__).parents[4] / "shared/data/candles"
SOL = Listing("solana", "SOL", "Solana", "", "infrastructure", "SOLUSDT", True)
RAY = Listing("raydium", "RAY", "Raydium", "", "defi", "RAYUSDT", True)
SAMO = Listing("samoyedcoin", "SAMO", "Samoyedcoin", "", "meme", "", True)


def bars(first, count, interval, seed=0):
    return walk(first + np.arange(count) * interval, seed)


@pytest.fixture
def folder(tmp_path):
    """Ten days of SOL in 5m, RAY in 1h for the first two days only, SAMO in dailies."""
    write(tmp_path, "SOL-5m.csv", bars(0, 10 * 288, FIVE))
    write(tmp_path, "RAY-1h.csv", bars(0, 48, HOUR, seed=1))
    write(tmp_path, "SAMO-1d.csv", bars(0, 10, DAY, seed=2))
    return tmp_path


@pytest.fixture
def market(folder):
    return ReplayMarket(folder, [SOL, RAY, SAMO])


def by_symbol(market, at):
    return {one.listing.symbol: one for one in market.board(at)}


def test_a_quote_is_the_last_close_and_never_later(market):
    fine = market.candles("solana", FIVE, 0, DAY, DAY)
    one = by_symbol(market, 12_345)["SOL"]
    assert one.observed_at == 12_300
    assert one.price == fine.close[12_300 // FIVE - 1]
    assert by_symbol(market, 12_599.9)["SOL"].price == one.price
    assert by_symbol(market, 12_600)["SOL"].observed_at == 12_600


def test_what_the_folder_lacks_is_unknown(market):
    one = by_symbol(market, 5 * DAY)["SOL"]
    assert (one.market_cap, one.supply, one.extremes, one.rank) == (None, None, None, None)
    assert market.trending(5 * DAY) == []


def test_a_day_is_computed_where_there_are_candles_enough(market):
    at = 5 * DAY + 60
    day = market.candles("solana", FIVE, 4 * DAY, 5 * DAY - FIVE, at)
    one = by_symbol(market, at)["SOL"]
    assert one.high_24h == day.high.max()
    assert one.low_24h == day.low.min()
    assert one.earlier["24h"] == pytest.approx(day.open[0], rel=0.05)
    young = by_symbol(market, 20 * HOUR)["SOL"]
    assert (young.high_24h, young.volume_24h) == (None, None)
    assert "24h" not in young.earlier
    assert "1h" in young.earlier


def test_no_candle_is_shown_before_it_closed(market):
    hours = market.candles("solana", HOUR, 0, 10 * DAY, 3 * HOUR + 1799)
    assert list(hours.open_times) == [0, HOUR, 2 * HOUR]


def test_a_running_candle_is_made_of_what_has_closed(market):
    at = 3 * HOUR + 700
    bar = market.running("solana", HOUR, at)
    parts = market.candles("solana", FIVE, 3 * HOUR, at, at)
    assert len(parts) == 2
    assert (bar.open, bar.close) == (parts.open[0], parts.close[1])
    assert (bar.high, bar.low) == (parts.high.max(), parts.low.min())
    assert market.running("solana", HOUR, 3 * HOUR + 299) is None
    assert market.running("raydium", HOUR, 3 * HOUR + 700) is None


def test_daily_files_make_no_token(market):
    assert set(by_symbol(market, DAY)) == {"SOL", "RAY"}
    assert len(market.candles("raydium", QUARTER, 0, DAY, DAY)) == 0


def test_a_token_whose_candles_end_leaves_after_a_week(market):
    assert "RAY" in by_symbol(market, 8 * DAY)
    assert "RAY" not in by_symbol(market, 9 * DAY + 1)
    assert {pair.base: pair.trading for pair in market.pairs(9 * DAY + 1)} == {"SOL": True, "RAY": False}


def test_past_the_end_of_the_folder_series_stop_and_stay(market):
    late = 100 * DAY
    one = by_symbol(market, late)["SOL"]
    assert one.observed_at == 10 * DAY
    assert market.candles("solana", HOUR, 0, late, late).open_times[-1] == 10 * DAY - HOUR
    assert market.running("solana", HOUR, late) is None


def test_before_the_first_close_nothing_is_shown(market):
    assert market.board(FIVE - 1) == []


def test_charts_are_closes_at_their_times(market):
    points = market.chart("solana", HOUR, DAY, 2 * DAY, 5 * DAY)
    assert [point.at for point in points] == [DAY + n * HOUR for n in range(25)]
    assert points[0].market_cap is None
    hours = market.candles("solana", HOUR, 0, 2 * DAY, 5 * DAY)
    assert points[0].price == hours.close[23]


@pytest.mark.skipif(not CANDLES.exists(), reason="the folder of real candles is not here")
def test_the_real_folder_starts_with_eight_tokens():
    begin = datetime(2025, 3, 4, tzinfo=UTC).timestamp()
    board = {one.listing.symbol: one for one in ReplayMarket(CANDLES).board(begin + 90)}
    assert set(board) == {"SOL", "BTC", "ETH", "BONK", "WIF", "RAY", "JUP", "PYTH"}
    assert all(one.observed_at == begin for one in board.values())
