"""The sandbox as a child process: started with the market's clock, ready before anything asks it for a price."""

import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

from django.conf import settings

from core.lib.clock import iso
from core.lib.errors import ServiceUnavailable
from core.models import SourceStamp
from khalsi.settings.env import ROOT
from khalsi.settings.sources import REPLAY, SANDBOX_PORT, SANDBOX_URL

READY_WITHIN_SECONDS = 60


class SandboxChild:
    """Ends with its parent: `stop` asks it to, and its standard input closes when the parent is gone."""

    def __init__(self, stamp: SourceStamp) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own command, no outside words
            [sys.executable, str(ROOT / "manage.py"), "sandbox", *_arguments(stamp)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent, which stops it in order
        )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ServiceUnavailable(
                    f"The sandbox did not start; is port {SANDBOX_PORT} taken? Name another PORT (it uses PORT + 1)."
                )
            with suppress(OSError):
                urllib.request.urlopen(f"{SANDBOX_URL}/ping", timeout=1).close()  # noqa: S310  loopback
                return
            time.sleep(0.05)
        raise ServiceUnavailable(
            f"The sandbox did not answer at {SANDBOX_URL} within {READY_WITHIN_SECONDS} s."
        )

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _arguments(stamp: SourceStamp) -> list[str]:
    market = settings.MARKET
    clock = [
        "--market-at",
        iso(stamp.market_at),
        "--wall-at",
        iso(stamp.wall_at),
        "--speed",
        str(stamp.speed),
    ]
    where = ["--host", "127.0.0.1", "--port", str(SANDBOX_PORT), "--until-stdin-closes"]
    if market.kind == REPLAY:
        return [*where, *clock, "--replay", str(market.replay)]
    return [*where, "--seed", "1", "--epoch", iso(stamp.epoch)]
