"""Walk-forward back-test over folders of candles, by the very code that serves."""

import os
from argparse import ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from core.lib.errors import KhalsiError
from markets.candles.findings import summary, write_findings
from markets.candles.folder import MalformedCandles
from predictions.engines import lstm, lstm_learning
from predictions.horizons import by_name
from predictions.services.backtesting.asking import Asked, plan_of
from predictions.services.backtesting.markets import read_market
from predictions.services.backtesting.output import beside
from predictions.services.backtesting.plan import RETRAIN, Part, Plan
from predictions.services.backtesting.running import Send, State, finish
from predictions.services.backtesting.telling import ENGINES, Told, tell
from predictions.services.candle_folders import CandleFolders

CHECKED = 3


class Command(BaseCommand):
    help = "How engines would have done on folders of candles, learning anew as time goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--candles", type=Path, action="append", required=True, metavar="DIR", help=CANDLES)
        add("--timeframes", type=_timeframes, default=tuple(by_name), help=f"Of {', '.join(by_name)}; all.")
        add("--tokens", type=_words, default=(), help="Series to test: SOL,BTC or SOLPERP; all spot series.")
        add(
            "--from", dest="first", metavar="DATE", help="First day of forecasts (UTC); after a year of data."
        )
        add("--to", dest="end", metavar="DATE", help="Last day of forecasts, included; the data's end.")
        add("--retrain", default="monthly", help=f"When to learn anew: {RETRAIN}.")
        add("--out", type=Path, metavar="OUT.csv", help="Where forecasts go; .gz compresses them.")
        add("--engine", type=_engines, default=("ensemble",), help=f"Of {', '.join(ENGINES)}; several: a,b.")
        add("--report", type=Path, metavar="DIR", help="Also write a page with plots into this folder.")
        add("--jobs", type=_count, default=1, metavar="N", help="Processes.")
        add("--celery", action="store_true", help="Spread the parts over Celery's workers.")
        add("--fresh", action="store_true", help="Start over, instead of going on with what is finished.")
        add("--train-tokens", type=_words, default=(), help="Learn from these only; one series of each coin.")
        add("--hold-out", type=_words, default=(), help="Test these too, and never learn from them.")
        add("--young", type=int, default=0, metavar="DAYS", help=YOUNG)
        add("--closes-only", action="store_true", help="As from a source without highs, lows and volume.")
        add("--rows", type=_count, default=60_000, help="At most so many rows are learned from.")
        add("--check-lookahead", type=int, nargs="?", const=CHECKED, metavar="N", help=LOOKAHEAD)

    def handle(self, **options: Any) -> None:
        try:
            self._run(options)
        except (KhalsiError, MalformedCandles) as error:
            raise CommandError(_sentence(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. What is finished is kept; the same command goes on.", returncode=130
            ) from None

    def _run(self, options: dict[str, Any]) -> None:
        self._refuse(options)
        folders = CandleFolders(options["candles"])
        asked = Asked(**{name: options[name] for name in Asked.__dataclass_fields__})
        plan = plan_of(folders, asked)
        for line in summary(folders.findings, examples=1):
            self.stderr.write(line)
        self.stderr.write(f"Testing {', '.join(plan.tokens)}; learning from {', '.join(plan.trained)}.")
        if options["out"] is not None:
            self._walk(folders, plan, options)
        if options["check_lookahead"] is not None:
            self._check(plan, options)

    def _refuse(self, options: dict[str, Any]) -> None:
        for folder in options["candles"]:
            if not folder.is_dir():
                raise CommandError(f"{folder} is not a folder; name one that holds candle files.")
        if options["out"] is None and options["check_lookahead"] is None:
            raise CommandError("Name a file for the forecasts: --out OUT.csv.")
        if options["out"] is not None and options["out"].is_dir():
            raise CommandError(f"{options['out']} is a folder; name a file for the forecasts.")
        if lstm.ENGINE in options["engine"] and not lstm_learning.installed():
            raise CommandError(
                "lstm is not installed here: `make lstm` adds the library that it learns with."
            )
        if options["check_lookahead"] is not None and options["check_lookahead"] < 1:
            raise CommandError("--check-lookahead needs at least one sample.")

    def _walk(self, folders: CandleFolders, plan: Plan, options: dict[str, Any]) -> None:
        history = read_market(folders, plan)
        roof = options["out"].absolute().with_name(f"{options['out'].name}.parts")
        state = State.of(roof, plan, history, fresh=options["fresh"])
        send = _celery() if options["celery"] else None
        self._finish(state, plan, options["jobs"], send)
        told = tell(plan, history, state.said, options["engine"], options["out"], options["report"])
        if folders.findings:
            write_findings(folders.findings, beside(options["out"], "findings.txt"))
            self.stdout.write(f"{len(folders.findings)} oddities: {beside(options['out'], 'findings.txt')}")
        self._say(told)

    def _finish(self, state: State, plan: Plan, jobs: int, send: Send | None) -> None:
        days = sum(part.days for part in plan.parts())
        form = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} days, {elapsed} gone, {remaining} left"
        with tqdm(total=days, bar_format=form, file=self.stderr, disable=None, smoothing=0.1) as bar:

            def done(part: Part) -> None:
                bar.set_description(part.name)
                bar.update(part.days)

            finish(state, plan, done, jobs=jobs, send=send)

    def _say(self, told: Told) -> None:
        self.stdout.write(told.table)
        for line in told.lines:
            self.stdout.write(line)

    def _check(self, plan: Plan, options: dict[str, Any]) -> None:
        from predictions.services.backtesting.lookahead import check

        checked = check(options["candles"], plan, options["check_lookahead"], self.stderr.write)
        if checked.difference:
            raise CommandError(f"Look-ahead: {checked.difference}")
        self.stdout.write(str(checked))


CANDLES = "A folder of SYMBOL-1h.csv(.gz) and finer files; several are joined per series."
YOUNG = "Show the tested tokens' last 30 to 90 days only, as if just listed, and never learn from them."
LOOKAHEAD = (
    f"Forecast N sampled moments ({CHECKED}) again from files cut and poisoned after them, and fail on any "
    "difference; without --out nothing else is done."
)


def _sentence(error: Exception) -> str:
    if isinstance(error, KhalsiError):
        return " ".join([error.message, *(f"{one.field}: {one.message}" for one in error.details)]).strip()
    return str(error)


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip().upper() for word in text.split(",") if word.strip()))


def _named(text: str, known: Sequence[str], what: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        raise ArgumentTypeError(
            f"there is no {what} {', '.join(unknown) or text!r}; write {', '.join(known)}"
        )
    return words


def _timeframes(text: str) -> tuple[str, ...]:
    return _named(text, list(by_name), "timeframe")


def _engines(text: str) -> tuple[str, ...]:
    return _named(text, ENGINES, "engine")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _celery() -> Send:
    from predictions.tasks import backtest_shard

    if not backtest_shard.app.control.ping(timeout=2.0):
        raise CommandError("No Celery worker answers; start one, or leave --celery out.")
    return lambda folder, number: backtest_shard.apply_async(args=[folder, number], queue="train")
