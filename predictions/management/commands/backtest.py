"""Walk-forward evaluation of engines on a folder of candles."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from core.lib.errors import NotEnoughHistory
from predictions.features.frame import History
from predictions.horizons import DEFINITIONS, TIMEFRAMES, Timeframe, by_name
from predictions.report.tables import summary_table
from predictions.services.candle_folders import folder_history
from predictions.services.walking import ENGINES, FOLDS, examples_of, plan_of, scores_shown, walk


class Command(BaseCommand):
    help = "How engines would have done on a folder of candles, learning anew before each part of the time."

    def add_arguments(self, parser: CommandParser) -> None:
        names = [timeframe.name for timeframe in TIMEFRAMES]
        parser.add_argument("candles", type=Path, help="A folder of SYMBOL-1h.csv(.gz) and finer files.")
        parser.add_argument("--timeframe", action="append", choices=names, help="Only this; may be repeated.")
        parser.add_argument("--engine", action="append", choices=list(ENGINES), help="Only this one.")
        parser.add_argument("--folds", type=int, default=FOLDS, help="Parts of the tested time.")
        parser.add_argument("--rows", type=int, default=60_000, help="At most so many rows a timeframe.")
        parser.add_argument("--json", type=Path, help="Write the scores to this file too.")

    def handle(self, **options: Any) -> None:
        folder: Path = options["candles"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder; name one that holds candle files.")
        try:
            history = folder_history(folder)
        except NotEnoughHistory as error:
            raise CommandError(error.message) from error
        chosen = [by_name[name] for name in options["timeframe"] or by_name]
        engines = options["engine"] or list(ENGINES)
        results = self._walked(history, chosen, engines, options["folds"], options["rows"])
        self.stdout.write(summary_table(results))
        if options["json"]:
            body = {"definitions": DEFINITIONS, "tokens": list(history.tokens), "results": results}
            options["json"].write_text(json.dumps(body, indent=1, allow_nan=False))

    def _walked(
        self, history: History, chosen: list[Timeframe], engines: list[str], folds: int, most: int
    ) -> list[dict[str, Any]]:
        """A back-test is no live record: its scores go to the table and the file, never to the database."""
        results = []
        steps = len(chosen) * len(engines) * folds
        with tqdm(total=steps, unit="fold", file=self.stderr, disable=None) as bar:
            for timeframe in chosen:
                bar.set_description(f"{timeframe.name} features")
                rows = examples_of(history, timeframe, most)
                plan = plan_of(rows, folds)
                for name in engines:
                    bar.set_description(f"{timeframe.name} {name}")
                    report = walk(rows, history, ENGINES[name], plan, lambda fold: _advance(bar))
                    results.append({"timeframe": timeframe.name, "engine": name, **scores_shown(report)})
        return results


def _advance(bar: "tqdm[Any]") -> None:
    bar.update()
