"""A back-test spread over Celery's workers, which are processes of their own."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError

from khalsi.celery import app
from tests.make.backtests import backtest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not settings.REDIS_URL, reason="workers in other processes need Redis (REDIS_URL)"),
]
SPAN = {"timeframes": ("7d",), "tokens": ("SOL", "BTC"), "first": "2024-06-15", "end": "2024-07-05"}


def worker(name: str) -> subprocess.Popen[bytes]:
    """As production runs it, on this test's own queues (KEY_PREFIX is in the environment)."""
    words = ["-m", "celery", "-A", "khalsi", "worker", "-n", name, "-Q", "train", "-c", "1", "-l", "ERROR"]
    quiet = ["--without-gossip", "--without-mingle"]
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "khalsi.settings"}
    return subprocess.Popen([sys.executable, *words, *quiet], env=told, start_new_session=True)


@pytest.fixture
def two_workers():
    started = [worker("one@test"), worker("two@test")]
    try:
        for _ in range(60):
            if len(app.control.ping(timeout=1.0)) == 2:
                break
        yield started
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_two_workers_say_the_same_bytes_as_this_process(market, tmp_path, two_workers):
    """With real engines: other processes know nothing of what a test has put in their place."""
    for name, celery in (("here", False), ("there", True)):
        backtest(market, out=tmp_path / f"{name}.csv", celery=celery, retrain="monthly", **SPAN)
    here = (tmp_path / "here.csv").read_bytes()
    assert here == (tmp_path / "there.csv").read_bytes()
    assert b",ensemble," in here


def test_without_a_worker_it_says_so_at_once(market, tmp_path):
    with pytest.raises(CommandError, match="No Celery worker answers"):
        backtest(market, out=tmp_path / "there.csv", celery=True, retrain="monthly", **SPAN)
