"""Candle folders: names, rows, and which file speaks for which interval."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.candles.folder import (
    CandleFolder,
    MalformedCandles,
    candle_files,
    default_start,
    folder_digest,
    read_candles,
)
from tests.markets.candles.walks import walk

QUARTER, HOUR, DAY = 900, 3600, 86_400
CANDLES = Path(__file__).parents[4] / "shared/data/candles"
HEAD = "timestamp,open,high,low,close,volume"


def stamp(seconds):
    return f"{np.datetime64(int(seconds), 's')}Z"


def write(folder, name, series):
    rows = [
        ",".join([stamp(series.open_times[i]), *(f"{column[i]:.12f}" for column in columns(series))])
        for i in range(len(series))
    ]
    text = "\n".join([HEAD, *rows]) + "\n"
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def columns(series):
    return series.open, series.high, series.low, series.close, series.volume


def bars(first, count, interval, seed=0):
    return walk(np.arange(first, first + count) * interval, seed)


@given(st.integers(1, 30), st.integers(0, 5))
def test_what_is_written_is_read_back(tmp_path_factory, count, seed):
    series = bars(100, count, 3600, seed)
    path = write(tmp_path_factory.mktemp("candles"), "SOL-1h.csv.gz", series)
    back = read_candles(path, 3600)
    assert np.array_equal(back.open_times, series.open_times)
    assert all(np.allclose(one, other) for one, other in zip(columns(back), columns(series), strict=True))


def test_only_candle_files_are_found_and_perpetuals_are_told_apart(tmp_path):
    for name in ["SOL-1h.csv", "SOL-5m.csv.gz", "SOLPERP-15m.csv", "SOL-2h.csv", "notes.txt", "sol-1h.csv"]:
        (tmp_path / name).write_text("")
    found = {(file.symbol, file.interval, file.is_spot) for file in candle_files(tmp_path)}
    assert found == {("SOL", 3600, True), ("SOL", 300, True), ("SOLPERP", 900, False)}
    assert CandleFolder(tmp_path).symbols == ["SOL"]


GOOD = "1970-01-01T00:00:00Z,1,2,0.5,1.5,10"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1970-01-01T01:00:00Z,1,2,0.5,1.5", "6 columns are needed, 5 found"),
        ("1970-01-01T01:00:00Z,1,2,0.5,1.5,10,11", "6 columns are needed, 7 found"),
        ("1970-01-01T01:00:00Z,1,two,0.5,1.5,10", "'two' is no number"),
        ("1970-01-01T01:00:00Z,1,2,,1.5,10", "'' is no number"),
        ("1970-01-01T01:00:00Z,1,nan,0.5,1.5,10", "a figure is not finite"),
        ("1970-01-01T01:00:00Z,1,inf,0.5,1.5,10", "a figure is not finite"),
        ("1970-01-01T01:00:00Z,1,2,0,1.5,10", "a price is not above zero"),
        ("1970-01-01T01:00:00Z,1,2,0.5,1.5,-1", "the volume is below zero"),
        ("1970-01-01T01:00:00Z,1,1.2,0.5,1.5,10", "high and low do not enclose open and close"),
        ("1970-01-01T01:00:00Z,1,2,1.4,1.5,10", "high and low do not enclose open and close"),
        ("1970-01-01T01:30:00Z,1,2,0.5,1.5,10", "the time is not on the grid of 3600 s"),
        ("1970-01-01T00:00:00Z,1,2,0.5,1.5,10", "the time is not later than the one before"),
        ("1969-12-31T23:00:00Z,1,2,0.5,1.5,10", "the time is not later than the one before"),
        ("now,1,2,0.5,1.5,10", "'now' is no time in UTC"),
        ("1970-01-01T01:00:00+02:00,1,2,0.5,1.5,10", "is no time in UTC"),
        ("", "'' is no time in UTC"),
    ],
)
def test_a_wrong_row_is_refused_with_file_line_and_reason(tmp_path, row, reason):
    path = tmp_path / "SOL-1h.csv"
    path.write_text("\n".join([HEAD, GOOD, row, "1970-01-01T02:00:00Z,1,2,0.5,1.5,10"]))
    with pytest.raises(MalformedCandles, match=r"SOL-1h\.csv, line 3: ") as caught:
        read_candles(path, 3600)
    assert reason in str(caught.value)


def test_a_file_without_the_header_is_refused(tmp_path):
    path = tmp_path / "SOL-1h.csv"
    path.write_text(GOOD)
    with pytest.raises(MalformedCandles, match="the first line must be"):
        read_candles(path, 3600)


def test_a_cut_archive_is_refused(tmp_path):
    path = tmp_path / "SOL-1h.csv.gz"
    path.write_bytes(gzip.compress((HEAD + "\n" + GOOD).encode())[:-12])
    with pytest.raises(MalformedCandles, match="cannot be read"):
        read_candles(path, 3600)


def test_a_file_with_a_header_alone_is_an_empty_run(tmp_path):
    (tmp_path / "SOL-1h.csv").write_text(HEAD + "\n")
    series = CandleFolder(tmp_path).series("SOL", 3600)
    assert series is not None
    assert len(series) == 0


def test_a_missing_interval_is_made_from_a_finer_file(tmp_path):
    write(tmp_path, "SOL-5m.csv", bars(0, 36, 300))
    folder = CandleFolder(tmp_path)
    assert list(folder.series("SOL", 900).open_times) == [900 * k for k in range(12)]
    assert list(folder.series("SOL", 3600).open_times) == [0, 3600, 7200]


def test_a_coarse_file_is_never_split(tmp_path):
    write(tmp_path, "SOL-1h.csv", bars(0, 4, 3600))
    assert CandleFolder(tmp_path).series("SOL", 900) is None
    assert CandleFolder(tmp_path).series("WIF", 3600) is None


def test_the_own_file_comes_first_and_a_finer_one_goes_on_outside_it(tmp_path):
    native, fine = bars(2, 3, 3600, seed=1), bars(0, 12 * 7, 300, seed=2)
    write(tmp_path, "WIF-1h.csv", native)
    write(tmp_path, "WIF-5m.csv", fine)
    made = CandleFolder(tmp_path).series("WIF", 3600)
    assert list(made.open_times) == [3600 * k for k in range(7)]
    assert np.allclose(made.close[2:5], native.close)
    assert made.close[0] == pytest.approx(fine.close[11])
    assert made.close[6] == pytest.approx(fine.close[-1])


def test_perpetuals_never_extend_a_spot_series(tmp_path):
    write(tmp_path, "WIF-1h.csv", bars(2, 3, 3600))
    write(tmp_path, "WIFPERP-5m.csv", bars(0, 12 * 7, 300))
    folder = CandleFolder(tmp_path)
    assert len(folder.series("WIF", 3600)) == 3
    assert folder.series("WIF", 900) is None


def test_the_digest_follows_names_and_sizes(tmp_path):
    (tmp_path / "SOL-1h.csv").write_text("a")
    first = folder_digest(tmp_path)
    (tmp_path / "notes.txt").write_text("does not matter")
    assert folder_digest(tmp_path) == first
    (tmp_path / "SOL-1h.csv").write_text("ab")
    assert folder_digest(tmp_path) != first


def day(number):
    return datetime.fromtimestamp(number * DAY, UTC)


def test_a_long_folder_starts_where_history_suffices(tmp_path):
    write(tmp_path, "SOL-1h.csv.gz", bars(0, 120 * 24, HOUR))
    write(tmp_path, "SOL-15m.csv.gz", bars(30 * 96, 90 * 96, QUARTER))
    assert default_start(tmp_path) == day(62)


def test_the_start_that_suits_most_symbols_wins(tmp_path):
    for symbol, first in (("SOL", 0), ("BONK", 5), ("WIF", 5)):
        write(tmp_path, f"{symbol}-15m.csv", bars(first * 96, 100 * 96, QUARTER))
    assert default_start(tmp_path) == day(67)


def test_a_short_folder_starts_after_two_thirds_of_it(tmp_path):
    write(tmp_path, "SOL-5m.csv", bars(0, 9 * 288, 300))
    write(tmp_path, "RAY-1h.csv", bars(0, 48, HOUR))
    assert default_start(tmp_path) == day(6) + timedelta(hours=1)


def test_a_folder_without_fine_candles_cannot_be_replayed(tmp_path):
    write(tmp_path, "SOL-1d.csv", bars(0, 10, DAY))
    with pytest.raises(ValueError, match="no candles of an hour or less"):
        default_start(tmp_path)


@pytest.mark.skipif(not CANDLES.exists(), reason="the folder of real candles is not here")
def test_the_real_folder_starts_in_march_2025():
    assert default_start(CANDLES) == datetime(2025, 3, 4, tzinfo=UTC)
