"""`make run` in earnest: one process from prices over HTTP to published forecasts, stopped and started again."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from tests.make.ports import a_free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 300
"""A machine with much else to do needs minutes for what takes one alone."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not settings.EMBEDDED, reason="the one process is the embedded form"),
]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Khalsi:
    """The process that `make run` starts, in a folder of its own."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.port = int(environment.get("PORT") or a_free_port(following=1))  # the sandbox takes the next
        self.log = data.parent / f"said-{self.port}.txt"
        self.base = f"http://127.0.0.1:{self.port}"
        clean = {**os.environ, "SOURCE": "", "REPLAY": "", "SPEED": ""}
        # Under the tests' own settings each process would have a folder of its own, and remember nothing.
        clean |= {"DJANGO_SETTINGS_MODULE": "khalsi.settings", "RATE_LIMIT_MAX": "0"}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "serve"],
                env={**clean, "DATA": str(data), "PORT": str(self.port), **environment},
                stdout=log,
                stderr=log,
            )

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.base + path, timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_for(self, found: Callable[[], object], patience: float = PATIENCE_SECONDS) -> None:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if found():
                return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        raise AssertionError(f"not there in time:\n{self.log.read_text()[-2000:]}")

    def forecast(self, symbol: str = "SOL") -> dict[str, object] | None:
        status, body = self.get(f"/api/v1/predictions/{symbol}?timeframe=1h")
        return json.loads(body)["data"]["predictions"][0] if status == 200 else None

    def stop(self) -> str:
        """Ctrl-C; gives what it said."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_SECONDS)
        return self.log.read_text()


@pytest.fixture
def start(tmp_path):
    running: list[Khalsi] = []

    def begin(**environment: str) -> Khalsi:
        running.append(Khalsi(tmp_path / "data", **environment))
        return running[-1]

    yield begin
    for khalsi in running:
        if khalsi.process.poll() is None:
            khalsi.process.kill()
            khalsi.process.wait()


def test_from_nothing_to_forecasts_and_back_again(start):
    first = start(SOURCE="sandbox")
    first.wait_for(first.forecast)
    made = first.forecast()
    assert made["source"] == "simulated"
    assert "Simulated market" in first.get("/")[1]
    assert first.get("/health")[0] == 200
    refuse_a_second(start)
    said = first.stop()
    assert first.process.returncode == 0
    assert "make staff" in said and "Back-fill" in said and "Stopped." in said

    again = start()  # the market is remembered, and the forecast is still there before anything is fetched
    again.wait_for(again.forecast)
    assert again.forecast()["source"] == "simulated"
    again.process.kill()  # no farewell: the database stands it, and the sandbox ends with its parent
    again.process.wait()
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and listens(again.port + 1):
        time.sleep(0.1)
    assert not listens(again.port + 1)


def refuse_a_second(start):
    second = start(SOURCE="sandbox")
    second.process.wait(PATIENCE_SECONDS)
    assert second.process.returncode == 1
    assert "Stop it first, or name another DATA folder" in second.log.read_text()


def test_with_debug_off_pages_have_their_static_files(start):
    khalsi = start(
        SOURCE="sandbox",
        DEBUG="false",
        SECRET_KEY=secrets.token_urlsafe(60),
        CREDENTIALS_KEY=secrets.token_urlsafe(32),
        ALLOWED_HOSTS="127.0.0.1",
    )
    khalsi.wait_for(lambda: khalsi.get("/health/live")[0] == 200)
    status, page = khalsi.get("/definitions")
    assert status == 200
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert styles and all(khalsi.get(path)[0] == 200 for path in styles)
    assert khalsi.get("/patterns")[0] == 404


@pytest.mark.parametrize("moment", ["Market:", "Starting the sandbox", "Khalsi is at"])
def test_ctrl_c_before_all_is_up_ends_it_quietly(start, moment):
    khalsi = start(SOURCE="sandbox")
    khalsi.wait_for(lambda: moment in khalsi.log.read_text())
    said = khalsi.stop()
    assert khalsi.process.returncode == 0, said
    assert "Traceback" not in said


def test_a_taken_port_of_the_sandbox_ends_the_start_with_what_to_do(start):
    port = a_free_port(following=1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        khalsi = start(SOURCE="sandbox", PORT=str(port))
        khalsi.process.wait(PATIENCE_SECONDS)
    assert khalsi.process.returncode == 1
    assert "Name another PORT" in khalsi.log.read_text()
