"""The simulated market is deterministic, consistent with itself, and looks like a market."""

from itertools import pairwise

import numpy as np
import pytest

from markets.candles.resample import resample
from markets.sandbox.simulation import SimulatedMarket

DAY, HOUR, QUARTER = 86_400, 3600, 900
EPOCH = 20_413 * DAY  # 2025-11-21
NOW = EPOCH + 10 * HOUR + 437


@pytest.fixture(scope="module")
def market():
    return SimulatedMarket(7, EPOCH)


def closes(market, name, days=400, interval=QUARTER, at=NOW):
    return market.candles(name, interval, int(at) - days * DAY, int(at), at)


def returns(market, name, days=400):
    return np.diff(np.log(closes(market, name, days).close))


def correlation(one, other):
    return float(np.corrcoef(one, other)[0, 1])


# Determinism


def test_a_price_depends_on_neither_when_it_was_asked_nor_who_else_takes_part(market):
    few = SimulatedMarket(7, EPOCH, 5)
    few.board(NOW + 100 * DAY)  # far ahead first
    for name in ("solana", "bonk"):
        one, other = closes(few, name, 30), closes(market, name, 30)
        assert np.array_equal(one.close, other.close)
        assert np.array_equal(one.high, other.high)
        assert np.array_equal(one.volume, other.volume)


def test_the_past_does_not_change_as_time_goes_on(market):
    before = closes(market, "solana", 20)
    after = market.candles("solana", QUARTER, int(NOW) - 20 * DAY, int(NOW), NOW + 5 * DAY).between(
        0, int(before.open_times[-1])
    )
    assert np.array_equal(before.close, after.close)


def test_another_seed_is_another_market(market):
    other = SimulatedMarket(8, EPOCH, 1)
    assert correlation(returns(other, "solana", 60), returns(market, "solana", 60)) < 0.1


def test_it_runs_on_for_years(market):
    lone = SimulatedMarket(7, EPOCH, 1)
    (solana,) = lone.board(EPOCH + 400 * DAY + 7)
    assert 1 < solana.price < 20_000


# Consistency of candles, quotes and views


def test_candles_open_where_the_one_before_closed_and_enclose_their_prices(market):
    series = closes(market, "dogwifcoin", 60)
    assert np.array_equal(series.open[1:], series.close[:-1])
    assert (series.high >= np.maximum(series.open, series.close)).all()
    assert (series.low <= np.minimum(series.open, series.close)).all()
    assert (series.volume > 0).all()


def test_coarse_candles_are_made_of_fine_ones(market):
    minutes, quarters = closes(market, "solana", 2, 60), closes(market, "solana", 2)
    made = resample(minutes, 60, QUARTER)
    same = quarters.between(int(made.open_times[0]), int(made.open_times[-1]))
    assert np.array_equal(made.high, same.high)
    assert np.array_equal(made.close, same.close)
    hours = closes(market, "solana", 2, HOUR)
    assert np.array_equal(resample(quarters, QUARTER, HOUR).low, hours.low)


@pytest.mark.parametrize("name", ["solana", "kin", "usd-coin", "jito-staked-sol"])
def test_a_quote_lies_inside_the_candle_of_its_minute(market, name):
    minutes = closes(market, name, 1, 60)
    for place in range(0, len(minutes), 37):
        price, seen = market.last_price(name, minutes.open_times[place] + 25)
        assert minutes.open_times[place] <= seen <= minutes.open_times[place] + 60
        assert minutes.low[place] * (1 - 1e-12) <= price <= minutes.high[place] * (1 + 1e-12)


def test_a_quote_at_a_close_is_the_close(market):
    series = closes(market, "bonk", 1)
    for place in range(0, len(series), 11):
        price, _ = market.last_price("bonk", series.open_times[place] + QUARTER)
        assert price == pytest.approx(series.close[place], rel=1e-12)


def test_only_closed_candles_are_candles_and_the_running_one_says_so(market):
    assert closes(market, "solana", 1, HOUR).open_times[-1] + HOUR <= NOW
    bar = market.running("solana", HOUR, NOW)
    assert bar.open_time == EPOCH + 10 * HOUR
    assert bar.low <= market.last_price("solana", NOW)[0] <= bar.high
    later = market.candles("solana", HOUR, bar.open_time, bar.open_time, NOW + HOUR)
    assert later.low[0] <= bar.low <= bar.high <= later.high[0]
    assert 0 < bar.volume < later.volume[0] * 1.01


def test_the_board_agrees_with_the_candles(market):
    at = EPOCH + 12 * HOUR
    board = {one.listing.coingecko_id: one for one in market.board(at)}
    for name in ("solana", "bonk", "usd-coin"):
        day = market.candles(name, QUARTER, at - DAY, at, at)
        one = board[name]
        assert one.price == pytest.approx(day.close[-1], rel=1e-12)
        assert one.earlier["24h"] == pytest.approx(day.open[0], rel=1e-12)
        assert one.high_24h == pytest.approx(day.high.max(), rel=1e-12)
        assert one.low_24h == pytest.approx(day.low.min(), rel=1e-12)
        traded = day.volume * (day.open + day.high + day.low + day.close) / 4
        assert one.volume_24h == pytest.approx(traded.sum(), rel=1e-6)


def test_extremes_are_those_of_the_whole_past(market):
    at = EPOCH + 12 * HOUR
    board = {one.listing.coingecko_id: one for one in market.board(at)}
    life = market.candles("raydium", QUARTER, market.start, at, at)
    known = board["raydium"].extremes
    assert known.high == pytest.approx(life.high.max(), rel=1e-9)
    assert known.low == pytest.approx(life.low.min(), rel=1e-9)
    bar = life.between(int(known.high_at) - QUARTER, int(known.high_at))
    assert known.high == pytest.approx(bar.high.max(), rel=1e-9)


def test_ranks_follow_the_caps_and_supplies_fit(market):
    board = market.board(NOW)
    assert [one.rank for one in board] == list(range(1, len(board) + 1))
    assert all(left.market_cap >= right.market_cap for left, right in pairwise(board))
    for one in board:
        assert one.supply.circulating <= one.supply.total <= (one.supply.maximum or np.inf)
        assert one.extremes.low <= one.price <= one.extremes.high


def test_charts_rise_in_time_and_end_with_the_present(market):
    points = market.chart("bonk", HOUR, NOW - 30 * DAY, NOW, NOW)
    assert 715 <= len(points) <= 722
    assert all(left.at < right.at for left, right in pairwise(points))
    assert points[-1].at == NOW // 30 * 30
    assert points[-1].price == pytest.approx(market.last_price("bonk", NOW // 30 * 30)[0])


# The cast


def test_prices_span_thirteen_orders_of_magnitude(market):
    prices = [one.price for one in market.board(NOW)]
    assert min(prices) < 1e-7
    assert max(prices) > 2e4


def test_dead_tokens_stand_still_and_their_pairs_are_halted(market):
    board = {one.listing.coingecko_id: one for one in market.board(NOW)}
    dead = board["bonfida"]
    assert dead.observed_at == EPOCH - 12 * DAY + 7 * HOUR
    assert (dead.volume_24h, dead.high_24h, dict(dead.earlier)) == (0, None, {})
    assert (
        market.candles("bonfida", HOUR, int(NOW) - 20 * DAY, int(NOW), NOW).open_times[-1] < dead.observed_at
    )
    assert market.running("bonfida", HOUR, NOW) is None
    assert not next(pair for pair in market.pairs(NOW) if pair.coingecko_id == "bonfida").trading


def test_new_tokens_have_no_past(market):
    board = {one.listing.coingecko_id: one for one in market.board(NOW)}
    young = board["ben-pasternak"]
    assert set(young.earlier) == {"1h", "24h"}
    assert closes(market, "ben-pasternak", 90).open_times[0] == EPOCH - 3 * DAY
    assert "chill-guy" not in board
    born = {one.listing.coingecko_id for one in market.board(EPOCH + 2 * DAY + 60)}
    assert "chill-guy" in born


def test_stablecoins_keep_their_peg_and_staked_tokens_follow_sol(market):
    assert np.abs(closes(market, "usd-coin").close - 1).max() < 0.01
    assert correlation(returns(market, "jito-staked-sol"), returns(market, "solana")) > 0.99
    rate = closes(market, "jito-staked-sol").close / closes(market, "solana").close
    assert 1.2 < rate.mean() < 1.5


def test_most_but_not_all_tokens_are_at_the_exchange(market):
    share = len(market.pairs(NOW)) / len(market.board(NOW))
    assert 0.6 < share < 0.95


def test_invented_tokens_fill_the_market_up():
    market = SimulatedMarket(1, EPOCH, 80)
    assert [one.key for one in market.characters[-2:]] == ["sim-004", "sim-005"]
    assert len(market.characters) == 80


# Stylised facts


@pytest.mark.parametrize("name", ["solana", "bitcoin", "bonk", "jupiter-exchange-solana"])
def test_volatility_clusters_and_tails_are_fat(market, name):
    moves = returns(market, name)
    size = np.abs(moves)
    assert correlation(size[1:], size[:-1]) > 0.1
    assert correlation(size[96:], size[:-96]) > 0.04
    assert ((moves - moves.mean()) ** 4).mean() / moves.var() ** 2 - 3 > 2
    assert abs(correlation(moves[1:], moves[:-1])) < 0.05


def test_tokens_move_together_and_their_kind_more_so(market):
    sol = returns(market, "solana")
    assert 0.45 < correlation(sol, returns(market, "bitcoin")) < 0.9
    memes = correlation(returns(market, "bonk"), returns(market, "dogwifcoin"))
    assert memes > correlation(returns(market, "bonk"), returns(market, "usd-coin")) + 0.2


def test_volume_follows_volatility(market):
    series = closes(market, "solana")
    size = np.abs(np.diff(np.log(series.close)))
    assert correlation(np.log(series.volume[1:]), np.log(size + 1e-6)) > 0.3


def test_yearly_volatilities_are_of_the_right_order(market):
    year = np.sqrt(365 * 96)
    assert 0.3 < returns(market, "bitcoin").std() * year < 0.8
    assert 0.6 < returns(market, "solana").std() * year < 1.3
    assert returns(market, "bonk").std() > returns(market, "solana").std()


def test_afternoons_are_livelier_than_nights(market):
    series = closes(market, "solana")
    size, hour = np.abs(np.diff(np.log(series.close))), series.open_times[1:] % DAY // HOUR
    assert size[(hour >= 13) & (hour < 17)].mean() > 1.2 * size[(hour >= 2) & (hour < 6)].mean()
