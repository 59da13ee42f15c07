"""The sandbox as a child process: started with the market's clock, ready before anything asks it for a price."""

import select
import subprocess
import sys

from django.conf import settings

from core.lib.clock import iso
from core.lib.errors import ServiceUnavailable
from core.models import SourceStamp
from khalsi.settings.env import ROOT
from khalsi.settings.sources import REPLAY, SANDBOX_PORT

READY_WITHIN_SECONDS = 60


class SandboxChild:
    """Ends with its parent: `stop` asks it to, and its standard input closes when the parent is gone."""

    def __init__(self, stamp: SourceStamp) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own command, no outside words
            [sys.executable, str(ROOT / "manage.py"), "sandbox", *_arguments(stamp)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which stops it in order
        )

    def wait_until_ready(self) -> None:
        """The child says so itself: whoever else answers at its address may show another market."""
        says = self._process.stdout
        assert says is not None  # noqa: S101  a pipe was asked for
        if not select.select([says], [], [], READY_WITHIN_SECONDS)[0]:
            raise ServiceUnavailable(f"The sandbox was not ready within {READY_WITHIN_SECONDS} s.")
        if not says.readline():
            raise ServiceUnavailable(
                f"The sandbox did not start; is port {SANDBOX_PORT} taken? Name another PORT (it uses PORT + 1)."
            )

    def stop(self) -> None:
        with self._process:  # closes its pipes and waits until it is gone
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()


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
