"""Commands that read candle folders say what was odd in them, and refuse what is no candle file."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from predictions.management.commands import train as train_command
from tests.markets.candles.test_folder import bars, write
from tests.markets.candles.test_reading import times

HOUR = 3600


@pytest.fixture
def taught(monkeypatch):
    """The series that would have been learned from."""
    seen = []

    def teacher(of, until):
        seen.extend(of.args[0].symbols)

    monkeypatch.setattr(train_command, "one_by_one", teacher)
    monkeypatch.setattr(train_command, "train_initial", lambda *told: [])
    return seen


def test_training_tells_what_was_odd(tmp_path, taught):
    write(tmp_path, "SOL-1h.csv.gz", times(bars(0, 900, HOUR), 100, 300 * HOUR, 302 * HOUR))
    write(tmp_path, "LUNA-1h.csv", times(bars(0, 2000, HOUR), 0.001, 800 * HOUR, 10**9))
    said = StringIO()
    call_command("train", candles=[tmp_path], out=tmp_path / "out", stderr=said)
    assert taught == ["LUNA", "LUNA@1970-02-03", "SOL"]
    assert "spike: 1\n  SOL 1h, 1970-01-13 13:00: the price jumped ×" in said.getvalue()
    assert "redenomination: 1\n" in said.getvalue()
    assert "ended: 1\n" in said.getvalue()


def test_training_refuses_a_file_that_holds_no_candles(tmp_path, taught):
    write(tmp_path, "SOL-1h.csv", bars(0, 900, HOUR))
    (tmp_path / "BTC-1h.csv").write_text("<html>\n")
    with pytest.raises(CommandError, match=r"BTC-1h\.csv, line 1: the first line must be"):
        call_command("train", candles=[tmp_path], out=tmp_path / "out")
    assert taught == []
