"""Train engines on stored candles, or on folders of them."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.jobs.slots import report_progress, running
from core.lib.clock import market_now
from core.lib.errors import NotEnoughHistory
from core.models import JobRun
from markets.candles.findings import summary
from markets.candles.folder import MalformedCandles
from predictions.horizons import TIMEFRAMES
from predictions.services.candle_folders import CandleFolders
from predictions.services.training import Progress, Teacher, one_by_one, side_by_side, train, train_initial
from predictions.services.training_candles import folders_end, lesson_of


class Command(BaseCommand):
    help = "Train the engines; what results enters as challengers and must earn the champion's place."

    def add_arguments(self, parser: CommandParser) -> None:
        names = [timeframe.name for timeframe in TIMEFRAMES]
        parser.add_argument(
            "--timeframe", action="append", choices=names, help="Only this one; may be repeated."
        )
        parser.add_argument(
            "--candles",
            action="append",
            type=Path,
            help="A folder of candle files instead of the stored candles; may be repeated, and they are joined.",
        )
        parser.add_argument(
            "--initial",
            action="store_true",
            help="Write the files that ship with the project instead of registering challengers.",
        )
        parser.add_argument(
            "--out", type=Path, help="Write the files to this folder instead; needs --candles."
        )
        parser.add_argument(
            "--jobs",
            type=int,
            default=1,
            help="Processes, of a gigabyte each; more than one needs --candles.",
        )
        parser.add_argument("--run", type=int, help="The job run that is watched (given by the worker).")

    def handle(self, **options: Any) -> None:
        paths, wanted = options["candles"] or [], options["timeframe"]
        out = options["out"] or (settings.INITIAL_ARTIFACTS if options["initial"] else None)
        for path in paths:
            if not path.is_dir():
                raise CommandError(f"{path} is not a folder; name one that holds candle files.")
        if out is not None and not paths:
            raise CommandError("Name the folders that they are to be trained on: --candles DIR.")
        if options["jobs"] < 1 or (options["jobs"] > 1 and not paths):
            raise CommandError("--jobs is 1 or, with --candles DIR, more.")
        if options["run"] is None:
            self._train(wanted, paths, out, options["jobs"], self._say)
            return
        with running(JobRun.objects.get(pk=options["run"])) as run:
            self._train(
                wanted, paths, out, 1, lambda progress, detail: report_progress(run, progress, detail)
            )

    def _train(
        self, wanted: list[str] | None, paths: list[Path], out: Path | None, jobs: int, progress: Progress
    ) -> None:
        if not paths:
            train(wanted, market_now(), progress)
            return
        until, teacher = self._teacher(paths, jobs)
        if out is None:
            train(wanted, until, progress, teacher)
            return
        for path in train_initial(wanted, until, progress, teacher, out):
            self.stdout.write(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")

    def _teacher(self, paths: list[Path], jobs: int) -> tuple[datetime, Teacher]:
        """The folders' end, and who teaches from them; what is odd in them is said."""
        folders = CandleFolders(paths)
        try:
            until = folders_end(folders)
        except NotEnoughHistory as error:
            raise CommandError(error.message) from error
        except MalformedCandles as error:
            raise CommandError(str(error)) from error
        for line in summary(folders.findings):
            self.stderr.write(line)
        if jobs > 1:
            return until, side_by_side(paths, until, jobs)
        return until, one_by_one(partial(lesson_of, folders), until)

    def _say(self, progress: float, detail: str) -> None:
        self.stdout.write(f"{progress:4.0%} {detail}")
