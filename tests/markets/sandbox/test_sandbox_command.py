"""The command starts a server that answers, says where, and stops when it is told to."""

import re
import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from markets.management.commands.sandbox import candle_folder, moment
from tests.markets.candles.test_folder import bars, write

ROOT = Path(__file__).parents[3]


def run(*options):
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def url_of(process):
    return re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline()).group()


def end(process, number=signal.SIGTERM):
    process.send_signal(number)
    try:
        return process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_it_serves_the_simulated_market_until_it_is_told_to_stop():
    process = run(
        "--tokens", "3", "--epoch", "2025-11-21", "--market-at", "2025-11-21T12:00:00Z", "--speed", "60"
    )
    url = url_of(process)
    state = requests.get(f"{url}/control/state", timeout=60).json()
    _, errors = end(process)
    assert (state["kind"], state["identity"], state["tokens"], state["speed"]) == (
        "simulated",
        "seed-1",
        3,
        60,
    )
    assert state["market_time"] >= "2025-11-21T12:00:00Z"
    assert (process.returncode, errors) == (0, "")


@pytest.mark.slow
def test_it_replays_a_folder_and_ends_with_its_parents_pipe(tmp_path):
    write(tmp_path, "SOL-5m.csv", bars(0, 10 * 288, 300))
    process = run("--replay", str(tmp_path), "--start", "1970-01-05T00:02:00Z", "--until-stdin-closes")
    url = url_of(process)
    (row,) = requests.get(f"{url}/coingecko/api/v3/coins/markets?vs_currency=usd", timeout=60).json()
    process.communicate(timeout=60)  # closes its standard input
    assert process.returncode == 0
    assert (row["id"], row["last_updated"], row["market_cap"]) == ("solana", "1970-01-05T00:00:00.000Z", None)


def test_a_folder_that_is_not_there_is_refused_with_a_hint(tmp_path):
    with pytest.raises(ArgumentTypeError, match="is no folder; name one"):
        candle_folder(str(tmp_path / "nowhere"))


def test_a_time_without_a_zone_is_utc_and_nonsense_is_refused():
    assert moment("2025-03-04") == datetime(2025, 3, 4, tzinfo=UTC)
    with pytest.raises(ArgumentTypeError, match="is no time; write"):
        moment("soon")
