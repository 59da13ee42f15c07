"""Whole folders: joined, cleaned, cut into eras, and everything odd told with file and line or time."""

from pathlib import Path

import numpy as np
import pytest

from markets.candles.findings import summary, write_findings
from markets.candles.folder import MalformedCandles
from markets.candles.reading import read_folders, symbol_of
from markets.candles.series import CandleSeries
from tests.markets.candles.test_folder import bars, write

QUARTER, HOUR, DAY = 900, 3600, 86_400
CANDLES = Path(__file__).parents[4] / "shared/data/candles"
SIDES = ("open", "high", "low", "close")


def times(series, factor, first, end):
    """Prices of the candles that open in [first, end) times `factor`."""
    inside = (series.open_times >= first) & (series.open_times < end)
    prices = [np.where(inside, getattr(series, side) * factor, getattr(series, side)) for side in SIDES]
    return CandleSeries(series.open_times, *prices, series.volume)


def kinds(read):
    return {finding.kind for finding in read.findings}


def opened(read, column, interval=HOUR):
    return (read.series[column, interval].open_times // interval).tolist()


def test_a_plain_folder_is_read_as_it_is(tmp_path):
    series = bars(0, 100, HOUR)
    write(tmp_path, "SOL-1h.csv.gz", series)
    read = read_folders([tmp_path])
    assert read.columns == ["SOL"]
    assert np.allclose(read.series["SOL", HOUR].close, series.close)
    assert read.findings == []


def test_hours_and_quarters_are_made_of_finer_files(tmp_path):
    write(tmp_path, "SOL-5m.csv", bars(0, 36, 300))
    read = read_folders([tmp_path])
    assert opened(read, "SOL") == [0, 1, 2]
    assert opened(read, "SOL", QUARTER) == list(range(12))


def test_what_a_file_lacks_comes_from_finer_ones_the_coarsest_first(tmp_path):
    hourly, half, fine = bars(0, 10, HOUR, seed=1), bars(0, 24, 1800, seed=2), bars(0, 180, 300, seed=3)
    write(tmp_path, "WIF-1h.csv", hourly.pick(hourly.open_times != 4 * HOUR))
    write(tmp_path, "WIF-30m.csv", half)
    write(tmp_path, "WIF-5m.csv", fine)
    made = read_folders([tmp_path]).series["WIF", HOUR]
    assert (made.open_times // HOUR).tolist() == list(range(15))
    assert made.close[3] == pytest.approx(hourly.close[3])
    assert made.close[4] == pytest.approx(half.close[9])
    assert made.close[11] == pytest.approx(half.close[23])
    assert made.close[12] == pytest.approx(fine.close[13 * 12 - 1])


def test_later_rows_never_change_which_file_an_earlier_candle_is_from(tmp_path):
    (tmp_path / "cut").mkdir()
    (tmp_path / "whole").mkdir()
    runs = {"1h": bars(0, 40, HOUR, 1), "30m": bars(0, 60, 1800, 2), "5m": bars(0, 900, 300, 3)}
    holes = np.random.default_rng(4)
    for name, run in runs.items():
        kept = run.pick(holes.random(len(run)) > 0.05)
        write(tmp_path / "whole", f"WIF-{name}.csv", kept)
        write(tmp_path / "cut", f"WIF-{name}.csv", kept.pick(kept.open_times < 25 * HOUR))
    cut, whole = (read_folders([tmp_path / name]) for name in ("cut", "whole"))
    for interval in (HOUR, QUARTER):
        early, all_of_it = (
            cut.series["WIF", interval],
            whole.series["WIF", interval].between(0, 25 * HOUR - interval),
        )
        assert early.close.tobytes() == all_of_it.close.tobytes()
        assert early.open_times.tolist() == all_of_it.open_times.tolist()


def test_several_folders_are_one_series(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    whole = bars(0, 60, HOUR)
    write(tmp_path / "old", "SOL-1h.csv", whole.pick(slice(0, 40)))
    write(tmp_path / "new", "SOL-1h.csv.gz", whole.pick(slice(30, 60)))
    read = read_folders([tmp_path / "new", tmp_path / "old"])
    assert opened(read, "SOL") == list(range(60))
    assert read.findings == []


def test_where_folders_contradict_each_other_the_candle_is_missing(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    whole = bars(0, 60, HOUR)
    write(tmp_path / "old", "SOL-1h.csv", times(whole.pick(slice(0, 40)), 1.01, 39 * HOUR, 40 * HOUR))
    write(tmp_path / "new", "SOL-1h.csv", whole.pick(slice(30, 60)))
    read = read_folders([tmp_path / "old", tmp_path / "new"])
    assert 39 not in opened(read, "SOL")
    assert kinds(read) == {"conflicting", "gap"}


def test_perpetuals_are_columns_of_their_own_where_they_are_asked_for(tmp_path):
    write(tmp_path, "SOL-1h.csv", bars(0, 40, HOUR))
    write(tmp_path, "SOLPERP-15m.csv", bars(0, 40, QUARTER))
    assert read_folders([tmp_path]).columns == ["SOL"]
    assert read_folders([tmp_path], perpetuals=True).columns == ["SOL", "SOLPERP"]
    assert read_folders([tmp_path], perpetuals=True, symbols={"SOLPERP"}).columns == ["SOLPERP"]


def test_a_hundredfold_spike_is_missing_and_told_with_its_time(tmp_path):
    write(tmp_path, "SOL-1h.csv", times(bars(0, 200, HOUR), 100, 100 * HOUR, 102 * HOUR))
    read = read_folders([tmp_path])
    assert {100, 101}.isdisjoint(opened(read, "SOL"))
    (spike,) = read.findings
    assert (spike.kind, spike.time) == ("spike", 101 * HOUR)
    assert str(spike).startswith("SOL 1h, 1970-01-05 05:00: the price jumped ×")


def test_a_redenomination_is_another_column(tmp_path):
    write(tmp_path, "LUNA-1h.csv", times(bars(0, 2000, HOUR), 0.001, 800 * HOUR, 10**9))
    read = read_folders([tmp_path])
    assert read.columns == ["LUNA", "LUNA@1970-02-03"]
    assert opened(read, "LUNA") == list(range(800))
    assert opened(read, "LUNA@1970-02-03") == list(range(800, 2000))
    assert kinds(read) == {"redenomination"}
    assert symbol_of("LUNA@1970-02-03") == "LUNA"


def test_a_symbol_that_another_coin_uses_after_days_is_another_column(tmp_path):
    whole = times(bars(0, 2000, HOUR), 3.0, 900 * HOUR, 10**9)
    write(
        tmp_path,
        "LUNA-1h.csv",
        whole.pick((whole.open_times < 800 * HOUR) | (whole.open_times >= 900 * HOUR)),
    )
    read = read_folders([tmp_path])
    assert read.columns == ["LUNA", "LUNA@1970-02-07"]
    assert kinds(read) == {"gap", "other coin"}


def test_days_of_silence_at_the_same_level_are_a_gap_and_nothing_more(tmp_path):
    whole = bars(0, 2000, HOUR)
    write(
        tmp_path, "SOL-1h.csv", whole.pick((whole.open_times < 800 * HOUR) | (whole.open_times >= 900 * HOUR))
    )
    read = read_folders([tmp_path])
    assert read.columns == ["SOL"]
    (gap,) = read.findings
    assert gap.kind == "gap"
    assert "4.2 days of silence" in str(gap)


def test_a_new_level_for_a_few_days_at_the_end_is_left_out_and_told(tmp_path):
    write(tmp_path, "SOL-1h.csv", times(bars(0, 1000, HOUR), 100, 900 * HOUR, 10**9))
    read = read_folders([tmp_path])
    assert read.columns == ["SOL"]
    assert opened(read, "SOL") == list(range(900))
    assert kinds(read) == {"redenomination", "short era"}


def test_a_jump_that_the_file_leaves_undecided_is_told(tmp_path):
    write(tmp_path, "SOL-1h.csv", times(bars(0, 1000, HOUR), 100, 990 * HOUR, 10**9))
    read = read_folders([tmp_path])
    assert opened(read, "SOL") == list(range(990))
    assert kinds(read) == {"undecided jump"}


def test_a_token_that_dies_stays_until_then_and_is_told(tmp_path):
    write(tmp_path, "SOL-1h.csv", bars(0, 1000, HOUR))
    write(tmp_path, "FTT-1h.csv", bars(0, 500, HOUR))
    read = read_folders([tmp_path])
    assert opened(read, "FTT") == list(range(500))
    (ended,) = read.findings
    assert (ended.kind, ended.time) == ("ended", 500 * HOUR)


@pytest.mark.parametrize(("volume", "kind"), [(0.0, "filled"), (None, "frozen")])
def test_a_token_that_dies_slowly_freezes(tmp_path, volume, kind):
    series = bars(0, 500, HOUR)
    for side in SIDES:
        getattr(series, side)[400:] = series.close[399]
    if volume is not None:
        series.volume[400:] = volume
    write(tmp_path, "FTT-1h.csv", series)
    read = read_folders([tmp_path])
    assert kinds(read) == {kind}
    assert opened(read, "FTT")[-1] in {399, 403}


def test_zero_volume_beside_a_moving_price_is_no_volume(tmp_path):
    series = bars(0, 50, HOUR)
    series.volume[20:30] = 0
    write(tmp_path, "SOL-1h.csv", series)
    read = read_folders([tmp_path])
    assert np.isnan(read.series["SOL", HOUR].volume).nonzero()[0].tolist() == list(range(20, 30))
    assert len(read.series["SOL", HOUR]) == 50
    (finding,) = read.findings
    assert "10 candles to 1970-01-02 06:00" in str(finding)


def test_a_file_that_is_no_candle_file_stops_the_reading(tmp_path):
    write(tmp_path, "SOL-1h.csv", bars(0, 50, HOUR))
    (tmp_path / "BTC-1h.csv").write_text("<html>")
    with pytest.raises(MalformedCandles, match=r"BTC-1h\.csv, line 1"):
        read_folders([tmp_path])


def test_the_summary_counts_by_kind_and_shows_a_few(tmp_path):
    whole = bars(0, 100, HOUR)
    write(tmp_path, "SOL-1h.csv", whole.pick(whole.open_times % (10 * HOUR) > 0))
    read = read_folders([tmp_path])
    lines = summary(read.findings, examples=2)
    assert lines[0] == "gap: 9"
    assert len(lines) == 4
    assert lines[-1] == "  and 7 more"
    write_findings(read.findings, tmp_path / "findings.txt")
    written = (tmp_path / "findings.txt").read_text().splitlines()
    assert len(written) == 9
    assert written[0].startswith("gap\tSOL 1h, 1970-01-01 11:00: 1 candle is missing")


@pytest.mark.skipif(not CANDLES.exists(), reason="the folder of real candles is not here")
def test_in_the_real_folder_only_the_documented_oddities_are_found():
    read = read_folders([CANDLES], perpetuals=True)
    odd = {(each.kind, each.where) for each in read.findings if each.kind not in {"gap", "filled", "ended"}}
    assert odd == {
        ("wick", "ETH 1d"),  # a flash crash on the day's low
        ("wick", "MSOL 1d"),
        ("wick", "USDC 1h"),
        ("other coin", "RAY 1h"),  # its hourly file ends in May 2023, the 5-minute file begins in 2025, ×25
        ("off level", "RAY 15m"),
    }
    assert [name for name in read.columns if "@" in name] == ["RAY@2025-01-01"]
