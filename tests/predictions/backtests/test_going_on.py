"""A back-test is the same whoever carries it out, however often it is interrupted; wrong wishes are refused."""

import os
import subprocess
import sys
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from predictions.management.commands import backtest as backtest_command
from predictions.services.backtesting import parts, running
from predictions.tasks import backtest_shard
from tests.make.backtests import backtest
from tests.make.candle_files import a_folder, simulated, write


def test_the_same_command_goes_on_where_it_was_killed(market, tmp_path, taught, monkeypatch):
    span = {"first": "2024-05-20", "end": "2024-07-10", "retrain": "monthly", "out": tmp_path / "out.csv"}
    whole = backtest(market, **{**span, "out": tmp_path / "whole.csv"})
    saying, said = parts.say, []

    def killed(*arguments):
        if len(said) == 2:
            raise KeyboardInterrupt
        said.append(1)
        return saying(*arguments)

    monkeypatch.setattr(parts, "say", killed)
    with pytest.raises(CommandError, match="Interrupted"):
        backtest(market, **span)
    assert not (tmp_path / "out.csv").exists()
    monkeypatch.setattr(parts, "say", lambda *arguments: said.append(1) or saying(*arguments))
    again = backtest(market, **span)
    assert len(said) == 3, "two parts before the kill, one after it"
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert again.replace("out", "whole") == whole


@pytest.mark.slow
def test_a_command_whose_process_was_killed_goes_on(market, tmp_path):
    """With real engines: another process knows nothing of what a test has put in their place."""
    span = {"timeframes": ("7d",), "first": "2024-06-01", "end": "2024-07-15", "retrain": "monthly"}
    out, words = (
        tmp_path / "out.csv",
        ["--timeframes=7d", "--from=2024-06-01", "--to=2024-07-15", "--tokens=SOL"],
    )
    given = [f"--candles={market}", f"--out={out}", *words]
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "khalsi.settings"}
    with subprocess.Popen(
        [sys.executable, "manage.py", "backtest", *given], env=told, stderr=subprocess.DEVNULL
    ) as one:
        while not list(tmp_path.glob("out.csv.parts/*/7d-*.npz")) and one.poll() is None:
            time.sleep(0.02)
        one.kill()
    kept = {path.name: path.read_bytes() for path in tmp_path.glob("out.csv.parts/*/7d-*.npz")}
    assert kept and not out.exists()
    backtest(market, out=out, **span)
    backtest(market, out=tmp_path / "whole.csv", **span)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert (
        kept.items()
        <= {path.name: path.read_bytes() for path in tmp_path.glob("out.csv.parts/*/7d-*.npz")}.items()
    )


def test_a_damaged_part_other_arguments_and_fresh_are_said_anew(market, tmp_path, taught):
    span = {"first": "2024-05-20", "end": "2024-06-10", "retrain": "monthly", "out": tmp_path / "out.csv"}
    backtest(market, **span)
    kept = sorted((tmp_path / "out.csv.parts").glob("*/1h-*.npz"))
    assert (len(kept), len(taught)) == (2, 2)
    kept[0].write_bytes(kept[0].read_bytes()[:100])
    backtest(market, **span)
    assert len(taught) == 3
    backtest(market, **span, rows=5000)
    assert len(taught) == 5
    backtest(market, **span, fresh=True)
    assert len(taught) == 7


def test_other_candles_are_another_back_test(tmp_path, taught):
    folder = a_folder(tmp_path / "candles", ("BTC", "SOL"), days=150)
    span = {"first": "2024-05-10", "end": "2024-05-12", "retrain": "once", "out": tmp_path / "out.csv"}
    backtest(folder, **span)
    write(folder, "SOL", simulated(150, seed=9))
    running._read.cache_clear()
    backtest(folder, **span)
    assert len(taught) == 2


@pytest.mark.slow
def test_two_processes_say_the_same_bytes_as_one(market, tmp_path):
    """With real engines: other processes know nothing of what a test has put in their place."""
    span = {"timeframes": ("7d",), "tokens": ("SOL", "BTC"), "first": "2024-06-15", "end": "2024-07-05"}
    for jobs in (1, 2):
        backtest(market, out=tmp_path / f"{jobs}.csv", jobs=jobs, retrain="monthly", **span)
    one = (tmp_path / "1.csv").read_bytes()
    assert one == (tmp_path / "2.csv").read_bytes() and b",ensemble," in one


def test_workers_elsewhere_share_the_parts(market, tmp_path, taught, monkeypatch):
    sent = []

    def send(folder, number):
        sent.append(number)
        backtest_shard(folder, number)

    monkeypatch.setattr(backtest_command, "_celery", lambda: send)
    span = {"first": "2024-05-20", "end": "2024-07-10", "retrain": "monthly"}
    backtest(market, out=tmp_path / "here.csv", **span)
    backtest(market, out=tmp_path / "there.csv", celery=True, **span)
    assert sent == [0, 1, 2]
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()


def test_what_goes_wrong_elsewhere_is_told_here(market, tmp_path, taught, monkeypatch):
    def broken(*arguments):
        raise ValueError("no such feature")

    def send(folder, number):
        with pytest.raises(ValueError, match="no such feature"):
            backtest_shard(folder, number)

    monkeypatch.setattr(parts, "say", broken)
    monkeypatch.setattr(backtest_command, "_celery", lambda: send)
    with pytest.raises(CommandError, match="A worker failed: ValueError: no such feature"):
        backtest(market, out=tmp_path / "there.csv", celery=True, retrain="once")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tokens": ("NOPE",)}, "There are no hourly candles of NOPE; there are BTC, ETH, SOL."),
        ({"retrain": "weekly"}, "retrain: write monthly"),
        ({"first": "yesterday"}, "'yesterday' is no date"),
        ({"first": "2024-06-20", "end": "2024-06-01"}, "lies behind"),
        ({"first": "2030-01-01", "end": "2030-02-01"}, "There are no candles between --from and --to"),
        ({"hold_out": ("BTC", "ETH", "SOL")}, "Nothing is left to learn from"),
        ({"young": 10}, "from 30 to 90"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(market, tmp_path, wrong, says):
    with pytest.raises(CommandError, match=says.replace("(", r"\(")):
        backtest(market, out=tmp_path / "out.csv", **wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [["--timeframes", "2h"], ["--engine", "oracle"], ["--jobs", "0"], ["--candles", "/nowhere/at/all"]],
)
def test_wrong_words_are_refused(market, tmp_path, words):
    given = ["backtest", "--candles", str(market), "--out", str(tmp_path / "out.csv"), *words]
    with pytest.raises(CommandError):
        call_command(*given, stderr=StringIO())


def test_a_file_that_is_none_is_named(tmp_path, taught):
    folder = a_folder(tmp_path / "candles", ("BTC", "SOL"), days=120)
    (folder / "BAD-1h.csv").write_text("<html>not found</html>\n")
    with pytest.raises(CommandError, match=r"BAD-1h\.csv, line 1"):
        backtest(folder, out=tmp_path / "out.csv")
