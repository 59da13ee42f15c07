"""Whether anything of a forecast depends on what came after it: sampled moments are forecast again from candle
files that end there, and from files whose later rows hold nonsense. Not a bit may differ.

The files themselves are rewritten, so reading, cleaning, features, band, baseline, probabilities, range and
the state of the ranges are all under test. Training is repeated for the first sample, and wherever anything that
it is given differs.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from core.lib.clock import from_seconds, iso
from core.lib.errors import BadInput
from markets.candles.folder import CandleFile, candle_files, file_lines
from predictions.engines.base import Batch, Engine
from predictions.evaluation.walk_forward import Fold
from predictions.features.examples import Examples
from predictions.features.frame import History
from predictions.horizons import DAY, HOUR, by_name
from predictions.services.backtesting import parts as saying
from predictions.services.backtesting.days import asked
from predictions.services.backtesting.markets import Market, read_market
from predictions.services.backtesting.parts import Teacher, say
from predictions.services.backtesting.plan import Part, Plan
from predictions.services.backtesting.ranges import voice
from predictions.services.candle_folders import CandleFolders

BEFORE = 5 * DAY
"""A sample is reached with so much time and h before it, in which outcomes move the ranges."""
Change = Callable[[list[str], int], list[str]]
Say = Callable[[str], object]


@dataclass(frozen=True)
class Checked:
    """`difference` names the first one, "" where there was none."""

    samples: int
    figures: int
    difference: str = ""

    def __str__(self) -> str:
        return (
            f"No look-ahead: {self.figures} figures of {self.samples} samples are the same to the last bit."
        )


def check(
    folders: Sequence[Path],
    plan: Plan,
    samples: int,
    tell: Say,
    teacher: Teacher | None = None,
    seed: int = 0,
) -> Checked:
    """Forecast `samples` moments again for each timeframe, each on cut files and on poisoned ones."""
    whole = CandleFolders(folders)
    history, figures = read_market(whole, plan), 0
    moments = _moments(plan, history, samples, seed)
    anew = teacher or saying.teacher()
    once = _Remembering(anew)
    for number, moment in enumerate(moments):
        known = {name: _said(history, plan, name, moment, once) for name in plan.timeframes}
        for change in ("cut", _POISONS[number % len(_POISONS)]):
            tell(
                f"{number + 1} of {len(moments)}: {iso(from_seconds(moment))}, later candles {_WORDS[change]}"
            )
            with TemporaryDirectory() as scratch:
                paths = _changed(folders, plan, Path(scratch), moment, _CHANGES[change])
                other = read_market(CandleFolders(paths), plan)
            for name in plan.timeframes:
                found = _said(other, plan, name, moment, anew if number == 0 and change == "cut" else once)
                difference = _difference(known[name], found)
                if difference:
                    place = f"{name}, forecasts at {iso(from_seconds(moment))}"
                    return Checked(
                        number, figures, f"{place}: {difference} where later candles are {_WORDS[change]}."
                    )
                figures += sum(value.size for value in found.values())
    return Checked(len(moments), figures)


class _Remembering:
    """Teaches the same rows once: what is learned depends on nothing else."""

    def __init__(self, teacher: Teacher) -> None:
        self._teacher = teacher
        self._known: dict[str, Mapping[str, Engine]] = {}

    def __call__(self, rows: Examples, batch: Batch) -> Mapping[str, Engine]:
        content = hashlib.sha256()
        for one in (rows, batch):
            for field in fields(one):
                value = getattr(one, field.name)
                content.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
        key = content.hexdigest()
        if key not in self._known:
            self._known[key] = self._teacher(rows, batch)
        return self._known[key]


def _moments(plan: Plan, history: History, samples: int, seed: int) -> list[int]:
    """Midnights, when every timeframe speaks, spread over the time that is tested."""
    last = min(plan.end - 1, int(history.hours[-1]) - HOUR)
    days = np.arange(-(-plan.first // DAY), last // DAY + 1)
    if not len(days):
        raise BadInput("There is no midnight between --from and --to to look at; test a longer time.")
    chosen = np.random.default_rng(seed).choice(days, min(samples, len(days)), replace=False)
    return [int(day) * DAY for day in sorted(chosen)]


def _said(
    history: History, plan: Plan, name: str, moment: int, teacher: Teacher
) -> dict[str, NDArray[np.generic]]:
    """Everything that is told of one moment, by name; ranges start fresh some days before."""
    part = _part_of(plan, name, moment)
    market = Market.of(history, plan)
    said = say(market, plan, part, teacher)
    here = said.as_of == moment
    order = np.argsort(np.array(market.names(), np.str_)[said.token[here]], kind="stable")
    found: dict[str, NDArray[np.generic]] = {
        "token": np.array(market.names(), np.str_)[said.token[here]][order],
        "features": _features(market, plan, part, moment),
    }
    for field in ("scale", "band", "reference", "baseline", "baseline_quantiles", "regime"):
        found[field] = getattr(said, field)[here][order]
    for engine in said.engines:
        heard = voice([said], engine, part.timeframe, len(market.tested))
        for field in ("probabilities", "quantiles", "prices", "log_factor"):
            found[f"{field} of {engine}"] = getattr(heard, field)[here][order]
    answered = np.isfinite(found["probabilities of climatology"]).all(axis=1)
    return {key: value if key == "features" else value[answered] for key, value in found.items()}


def _part_of(plan: Plan, name: str, moment: int) -> Part:
    """The period that holds the moment, from a few days and h before it (its engines speak earlier than they
    would) until the moment itself.
    """
    fold = next(one for one in plan.folds() if one.start <= moment < one.end)
    start = (moment - by_name[name].seconds - BEFORE) // DAY * DAY
    return _Sampled(name, 0, Fold(start, moment + 1), fold.start)


@dataclass(frozen=True)
class _Sampled(Part):
    """Learns when its period began, whatever it is asked about."""

    begun: int = 0

    @property
    def learns_at(self) -> int:
        return self.begun


def _features(market: Market, plan: Plan, part: Part, moment: int) -> NDArray[np.float64]:
    found = list(asked(market, part.timeframe, replace(part.fold, start=moment), plan.young))
    batch = [one.batch for one in found]
    if not batch:
        return np.empty((0, 0))
    names = np.array([str(token) for token in batch[0].tokens])
    there = np.flatnonzero(np.isfinite(batch[0].reference_price) & np.isfinite(batch[0].scale))
    return np.asarray(batch[0].X[there[np.argsort(names[there], kind="stable")]])


def _difference(first: dict[str, NDArray[np.generic]], second: dict[str, NDArray[np.generic]]) -> str:
    """The first thing that is not the same to the last bit."""
    for name, value in first.items():
        other = second.get(name)
        if other is None or value.shape != other.shape:
            shape = "nothing" if other is None else str(other.shape)
            return f"{name} is {value.shape} and {shape}"
        if value.tobytes() != other.tobytes():
            return f"{name} differs{_example(value, other)}"
    return ""


def _example(value: NDArray[np.generic], other: NDArray[np.generic]) -> str:
    if value.dtype.kind != "f":
        return ""
    places = np.argwhere((value != other) & ~(np.isnan(value) & np.isnan(other)))
    if not len(places):
        return ""
    place = tuple(places[0].tolist())
    return f" (at {place}: {value[place]!r} and {other[place]!r})"


def _changed(folders: Sequence[Path], plan: Plan, scratch: Path, moment: int, change: Change) -> list[Path]:
    """The files of the plan's series again, their rows that close after `moment` changed."""
    wanted = {name.partition("@")[0] for name in plan.series}
    made = []
    for number, folder in enumerate(folders):
        made.append(scratch / str(number))
        made[-1].mkdir()
        for file in candle_files(folder):
            if file.symbol in wanted:
                _rewrite(file, made[-1] / file.path.name, moment, change)
    return made


def _rewrite(file: CandleFile, path: Path, moment: int, change: Change) -> None:
    head, *lines = file_lines(file.path)
    late = [_closes_after(line, file.interval, moment) for line in lines]
    kept = [line for line, gone in zip(lines, late, strict=True) if not gone]
    after = change([line for line, gone in zip(lines, late, strict=True) if gone], moment)
    text = "\n".join([head, *kept, *after, ""]).encode()
    path.write_bytes(gzip.compress(text, 1) if path.suffix == ".gz" else text)


def _closes_after(line: str, interval: int, moment: int) -> bool:
    """Rows without a time that can be read stay where they are: nobody knows when they are from."""
    try:
        opened = np.datetime64(line.partition(",")[0].removesuffix("Z"), "s").astype(np.int64)
    except ValueError:
        return False
    return bool(opened + interval > moment)


def _each_row(lines: list[str], factor: Callable[[int], float]) -> Iterator[str]:
    for number, line in enumerate(lines):
        stamp, *cells = line.split(",")
        times = factor(number)
        yield ",".join([stamp, *(_scaled(cell, times) for cell in cells)])


def _scaled(cell: str, times: float) -> str:
    try:
        return repr(float(cell) * times)
    except ValueError:
        return cell


def _gone(lines: list[str], moment: int) -> list[str]:
    return []


def _spiked(lines: list[str], moment: int) -> list[str]:
    return list(_each_row(lines, lambda number: 100.0 if number % 7 == 0 else 1.0))


def _other_prices(lines: list[str], moment: int) -> list[str]:
    rng = np.random.default_rng(moment)
    walk = np.exp(np.cumsum(rng.normal(0.001, 0.01, len(lines))))
    return list(_each_row(lines, lambda number: float(walk[number])))


def _not_numbers(lines: list[str], moment: int) -> list[str]:
    return [f"{line.partition(',')[0]},nan,nan,nan,nan,nan" for line in lines]


_CHANGES: dict[str, Change] = {
    "cut": _gone,
    "spikes": _spiked,
    "prices": _other_prices,
    "nan": _not_numbers,
}
_POISONS = ("spikes", "prices", "nan")
_WORDS = {
    "cut": "cut off",
    "spikes": "a hundredfold now and then",
    "prices": "of another course",
    "nan": "no numbers",
}
