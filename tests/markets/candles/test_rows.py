"""One file, row by row: what is wrong is dropped and told with its line, the rest is put in order."""

import gzip

import numpy as np
import pytest

from markets.candles.folder import MalformedCandles
from markets.candles.rows import read_rows

HEAD = "timestamp,open,high,low,close,volume"


def row(hour, close=1.5):
    return f"1970-01-01T{hour:02}:00:00Z,1,2,0.5,{close},10"


def read(folder, *rows, name="SOL-1h.csv"):
    path = folder / name
    text = "\n".join([HEAD, *rows]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return read_rows(path, 3600)


def hours(found):
    return (found.series.open_times // 3600).tolist()


def told(found):
    return [(finding.kind, finding.line) for finding in found.findings]


def test_good_rows_are_read_without_a_word(tmp_path):
    found = read(tmp_path, row(0), row(1), row(3), name="SOL-1h.csv.gz")
    assert hours(found) == [0, 1, 3]
    assert found.findings == []


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ("1970-01-01T01:00:00Z,1,2,0.5,1.5", "unreadable"),
        ("1970-01-01T01:00:00Z,1,2,0.5,1.5,10,11", "unreadable"),
        ("1970-01-01T01:00:00Z,1,two,0.5,1.5,10", "unreadable"),
        ("1970-01-01T01:00:00Z,1,2,0.5,,10", "unreadable"),
        ("1970-01-01T01:00:00Z,1_0,2,0.5,1.5,10", "unreadable"),
        ("1970-13-01T01:00:00Z,1,2,0.5,1.5,10", "unreadable"),
        ("now,1,2,0.5,1.5,10", "unreadable"),
        ("1970-01-01T01:00:00+02:00,1,2,0.5,1.5,10", "unreadable"),
        ("", "unreadable"),
        ("1970-01-01T01:00:00Z,1,inf,0.5,1.5,10", "not finite"),
        ("1970-01-01T01:00:00Z,1,2,0.5,nan,10", "not finite"),
        ("1970-01-01T01:00:00Z,1,2,0,1.5,10", "not positive"),
        ("1970-01-01T01:00:00Z,1,2,-1,1.5,10", "not positive"),
        ("1970-01-01T01:00:00Z,1,2,0.5,1.5,-1", "negative volume"),
        ("1970-01-01T01:00:00Z,1,1.2,0.5,1.5,10", "impossible"),
        ("1970-01-01T01:00:00Z,1,0.4,0.5,0.45,10", "impossible"),
        ("1970-01-01T01:30:00Z,1,2,0.5,1.5,10", "off the grid"),
        ("9999-01-01T01:00:00Z,1,2,0.5,1.5,10", "far away"),
        ("0001-01-01T01:00:00Z,1,2,0.5,1.5,10", "far away"),
    ],
)
def test_a_wrong_row_is_dropped_and_told(tmp_path, bad, kind):
    found = read(tmp_path, row(0), bad, row(2))
    assert hours(found) == [0, 2]
    assert told(found) == [(kind, 3)]
    assert "SOL-1h.csv, line 3" in str(found.findings[0])
    assert "the row was dropped" in str(found.findings[0])


def test_several_wrong_rows_keep_their_own_lines(tmp_path):
    low, late = "1970-01-01T01:00:00Z,1,2,0,1.5,10", "1970-01-01T03:30:00Z,1,2,0.5,1.5,10"
    found = read(tmp_path, row(0), low, row(2), late, row(4), "nothing")
    assert hours(found) == [0, 2, 4]
    assert sorted(told(found), key=lambda each: each[1]) == [
        ("not positive", 3),
        ("off the grid", 5),
        ("unreadable", 7),
    ]


def test_identical_rows_are_one(tmp_path):
    found = read(tmp_path, row(0), row(1), row(1), row(1), row(2))
    assert hours(found) == [0, 1, 2]
    assert told(found) == [("duplicate", 4), ("duplicate", 5)]


def test_of_rows_that_contradict_each_other_none_is_kept(tmp_path):
    found = read(tmp_path, row(0), row(1), row(1, close=1.6), row(2))
    assert hours(found) == [0, 2]
    assert told(found) == [("conflicting", 4)]


def test_two_alike_and_one_that_differs_are_a_conflict(tmp_path):
    found = read(tmp_path, row(0), row(1), row(1, close=1.6), row(1), row(2))
    assert hours(found) == [0, 2]
    assert {kind for kind, _ in told(found)} == {"conflicting"}


def test_unordered_rows_are_sorted(tmp_path):
    found = read(tmp_path, row(2), row(0), row(1, close=1.7), row(3))
    assert hours(found) == [0, 1, 2, 3]
    assert found.series.close.tolist() == [1.5, 1.7, 1.5, 1.5]
    assert told(found) == [("unordered", 3), ("unordered", 4)]


def test_a_duplicate_far_from_its_twin_is_found(tmp_path):
    found = read(tmp_path, row(0), row(1), row(2), row(0))
    assert hours(found) == [0, 1, 2]
    assert told(found) == [("unordered", 5), ("duplicate", 5)]


def test_a_source_with_closes_alone_leaves_the_rest_empty(tmp_path):
    found = read(tmp_path, "1970-01-01T00:00:00Z,,,,1.5,", "1970-01-01T01:00:00Z,,,,1.6,")
    assert found.series.close.tolist() == [1.5, 1.6]
    assert np.isnan(found.series.high).all()
    assert np.isnan(found.series.volume).all()
    assert found.findings == []


@pytest.mark.parametrize(
    ("text", "line"),
    [(row(0), 1), ("", 1), ("<html>\n<body>", 1), (f"{HEAD}\nsorry,\nno candles\n{row(1)}", 2)],
)
def test_a_file_that_is_no_candle_file_is_refused_with_its_line(tmp_path, text, line):
    path = tmp_path / "SOL-1h.csv"
    path.write_text(text)
    with pytest.raises(MalformedCandles, match=rf"SOL-1h\.csv, line {line}: "):
        read_rows(path, 3600)


def test_a_cut_archive_is_refused(tmp_path):
    path = tmp_path / "SOL-1h.csv.gz"
    path.write_bytes(gzip.compress((HEAD + "\n" + row(0)).encode())[:-12])
    with pytest.raises(MalformedCandles, match="cannot be read"):
        read_rows(path, 3600)


def test_a_damaged_archive_is_refused(tmp_path):
    path = tmp_path / "SOL-1h.csv.gz"
    whole = bytearray(gzip.compress("\n".join([HEAD, *map(row, range(24))]).encode()))
    whole[20:40] = b"\xff" * 20
    path.write_bytes(whole)
    with pytest.raises(MalformedCandles, match="cannot be read"):
        read_rows(path, 3600)


def test_a_header_alone_is_an_empty_run(tmp_path):
    assert len(read(tmp_path).series) == 0
