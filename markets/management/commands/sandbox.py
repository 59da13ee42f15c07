"""Serves a simulated or replayed market over CoinGecko's and Binance's APIs on this machine."""

import os
import signal
import threading
import time
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

if TYPE_CHECKING:
    from markets.sandbox.server import SandboxServer


def moment(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time; write 2025-03-04T00:00:00Z or 2025-03-04") from error
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def candle_folder(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if not path.is_dir():
        raise ArgumentTypeError(f"{text} is no folder; name one that holds files such as SOL-1h.csv.gz")
    return path


class Command(BaseCommand):
    help = __doc__ or ""
    requires_system_checks = ()  # it needs neither the settings to be complete nor a database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001, help="0 picks a free one")
        parser.add_argument("--replay", type=candle_folder, metavar="DIR", help="folder of candle files")
        parser.add_argument("--speed", type=float, default=1.0, help="market seconds a second")
        parser.add_argument("--start", type=moment, help="market time at which a replay begins, now")
        parser.add_argument("--market-at", type=moment, help="market time at --wall-at")
        parser.add_argument("--wall-at", type=moment, help="wall time of the anchor; default now")
        parser.add_argument("--seed", type=int, default=1, help="of the simulated market")
        parser.add_argument(
            "--epoch", type=moment, help="day from which the simulation is computed; default today"
        )
        parser.add_argument(
            "--tokens", type=int, help="of the simulated market; beyond the registry invented ones"
        )
        parser.add_argument(
            "--until-stdin-closes",
            action="store_true",
            help="stop when the parent's end of standard input is gone",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["start"] and options["market_at"]:
            raise CommandError("Give --start (begins now) or --market-at (an anchor), not both.")
        # An Event's lock is no place for a signal: one that comes while the main thread holds it waits for itself.
        begun, stopped = time.monotonic(), SimpleQueue[None]()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.put(None))
        server = _start(options)
        self._say_ready(server, time.monotonic() - begun)
        if options["until_stdin_closes"]:
            threading.Thread(target=_watch_stdin, args=(stopped,), daemon=True).start()
        stopped.get()
        server.stop()

    def _say_ready(self, server: "SandboxServer", seconds: float) -> None:
        state = server.state()
        try:
            self.stdout.write(
                f"Sandbox ready on {server.url}: {state['kind']} market {state['identity']},"
                f" {state['tokens']} tokens, market time {state['market_time'][:19]}Z at speed {state['speed']:g}"
                f" ({seconds:.1f} s to start)"
            )
            self.stdout.flush()
        except BrokenPipeError:  # whoever started it is gone; a normal end would try to write again
            os._exit(0)


def _start(options: dict[str, Any]) -> "SandboxServer":
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: its pool would only spin
    from markets.sandbox.server import SandboxConfig, start

    config = SandboxConfig(
        host=options["host"],
        port=options["port"],
        replay=options["replay"],
        speed=options["speed"],
        market_at=options["start"] or options["market_at"],
        wall_at=options["wall_at"],
        seed=options["seed"],
        epoch=options["epoch"],
        tokens=options["tokens"],
    )
    try:
        return start(config)
    except (OSError, ValueError) as error:
        raise CommandError(f"The sandbox cannot start: {error}") from error


def _watch_stdin(stopped: SimpleQueue[None]) -> None:
    """A parent that was killed cannot say stop, but its end of the pipe closes."""
    while os.read(0, 4096):
        pass
    stopped.put(None)
