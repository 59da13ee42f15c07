"""Train engines on stored candles, or on a folder of them."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.jobs.slots import report_progress, running
from core.lib.clock import market_now
from core.models import JobRun
from predictions.horizons import TIMEFRAMES
from predictions.services.candle_folders import folder_end, folder_history
from predictions.services.training import Progress, train


class Command(BaseCommand):
    help = "Train the engines; each that results enters as a challenger and must earn the champion's place."

    def add_arguments(self, parser: CommandParser) -> None:
        names = [timeframe.name for timeframe in TIMEFRAMES]
        parser.add_argument(
            "--timeframe", action="append", choices=names, help="Only this one; may be repeated."
        )
        parser.add_argument(
            "--candles", type=Path, help="A folder of candle CSV files instead of the stored candles."
        )
        parser.add_argument("--run", type=int, help="The job run that is watched (given by the worker).")

    def handle(self, **options: Any) -> None:
        folder, wanted = options["candles"], options["timeframe"]
        if folder is not None and not folder.is_dir():
            raise CommandError(f"{folder} is not a folder; name one that holds candle files.")
        if options["run"] is None:
            self._train(wanted, folder, self._say)
            return
        with running(JobRun.objects.get(pk=options["run"])) as run:
            self._train(wanted, folder, lambda progress, detail: report_progress(run, progress, detail))

    def _train(self, wanted: list[str] | None, folder: Path | None, progress: Progress) -> None:
        if folder is None:
            train(wanted, market_now(), progress)
            return
        history = folder_history(folder)
        train(wanted, folder_end(history), progress, history)

    def _say(self, progress: float, detail: str) -> None:
        self.stdout.write(f"{progress:4.0%} {detail}")
