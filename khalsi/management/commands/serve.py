"""`manage.py serve` (what `make run` calls): Khalsi in one process, saying what it is doing."""

import os
import signal
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command

from alerts.services.delivering import leasing as deliveries
from core.jobs.market_time import keep_market_time
from core.jobs.slots import close_interrupted_runs
from core.lib.clock import wall_now
from core.lib.errors import KhalsiError
from core.models import SourceStamp
from khalsi.embedded.alone import hold_data, refuse_taken_ports
from khalsi.embedded.choice import coingecko_answers, remember_market, start_again_with
from khalsi.embedded.first_start import bring_up_to_date
from khalsi.embedded.jobs import EmbeddedJobs
from khalsi.embedded.sandbox import SandboxChild
from khalsi.embedded.server import serve_until_stopped
from khalsi.embedded.stream import EmbeddedCollector
from portfolios.services.syncing import leasing as syncing

STOPPED_WITHIN = 20
"""Seconds. Work that was cut short in the middle of an import can hold up whoever waits for it."""


class Command(BaseCommand):
    help = "Start web, live feed, scheduler and worker in one process."
    _trouble = ""
    _stopping = False
    _interrupted = False

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                "REDIS_URL is set, so this is the distributed form: start its processes as docker-compose.yml does."
            )
        self._note_ctrl_c()
        hold_data()
        refuse_taken_ports()
        self._choose_market()
        call_command("prepare", stdout=self.stdout)
        remember_market()
        if not settings.DEBUG:  # pages then name their files by what is in them, as they were collected
            call_command("collectstatic", interactive=False, verbosity=0)
        close_interrupted_runs()
        deliveries.release_leases(wall_now())
        syncing.release_leases(wall_now())
        sandbox = self._sandbox()
        jobs, stream = EmbeddedJobs(), EmbeddedCollector()
        try:
            works = (sandbox, jobs, stream)
            threading.Thread(target=self._work, args=works, name="first-start", daemon=True).start()
            self._greet()
            serve_until_stopped(lambda: self._interrupted)
        except KeyboardInterrupt:
            pass  # Ctrl-C before the server took it over
        finally:
            self._stopping = True
            self._end_anyway()
            self._say("Stopping …")
            stream.stop()
            jobs.stop()
            keep_market_time()
            if sandbox:
                sandbox.stop()
            self._say("Stopped." if self._trouble else "Stopped. Another `make run` goes on from here.")
        # A task that is still running would hold the process for as long as it takes; its sweep finds it again.
        os._exit(1 if self._trouble else 0)

    def _note_ctrl_c(self) -> None:
        """Python swallows a KeyboardInterrupt in the clean-up of an import; the note of it stays."""

        def note(number: int, frame: FrameType | None) -> None:
            self._interrupted = True
            raise KeyboardInterrupt

        signal.signal(signal.SIGINT, note)

    def _end_anyway(self) -> None:
        watch = threading.Timer(STOPPED_WITHIN, lambda: os._exit(1 if self._trouble else 0))
        watch.daemon = True
        watch.start()

    def _choose_market(self) -> None:
        market = settings.MARKET
        if not market.remembered and not coingecko_answers():
            self._say(
                "CoinGecko cannot be reached from here, so Khalsi starts with the sandbox's simulated market."
            )
            self._say(
                "It is marked as simulated everywhere; `make run SOURCE=coingecko` insists on the real one."
            )
            start_again_with("sandbox")
        names = {
            "live": "live prices",
            "simulated": "simulated market",
            "replay": f"replay of {market.replay}",
        }
        self._say(
            f"Market: {names[market.kind]}" + (f", {market.speed:g}× speed" if market.speed != 1 else "")
        )

    def _sandbox(self) -> SandboxChild | None:
        if settings.MARKET.is_live:
            return None
        self._say("Starting the sandbox …")
        return SandboxChild(SourceStamp.objects.get())

    def _work(self, sandbox: SandboxChild | None, jobs: EmbeddedJobs, stream: EmbeddedCollector) -> None:
        """Beside the server, so that pages are there at once: wait for the source, then start all jobs."""
        try:
            if sandbox:
                sandbox.wait_until_ready()
        except KhalsiError as error:
            if self._stopping:  # a sandbox that is stopped before it was ready is no trouble
                return
            self._trouble = error.message
            self._say(error.message)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        if self._stopping:
            return
        jobs.start()
        stream.start()
        bring_up_to_date(self._say)

    def _greet(self) -> None:
        self._say(
            f"Khalsi is at http://{settings.HOST}:{settings.PORT} (Ctrl-C stops it; data in {settings.DATA})"
        )
        if not get_user_model().objects.filter(is_superuser=True).exists():
            self._say("For the staff site, create a user: make staff")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
