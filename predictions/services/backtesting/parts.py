"""One part of a back-test: learn from what had matured when it begins, then forecast until the next training."""

import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.lib.errors import NotEnoughHistory
from predictions.engines.base import Batch, Engine, Floats
from predictions.engines.batches import example_batch
from predictions.engines.climatology import Climatology
from predictions.features.examples import Examples
from predictions.features.frame import Seconds, cut
from predictions.horizons import Timeframe
from predictions.services.backtesting.days import Asked, asked
from predictions.services.backtesting.markets import Market, columns, with_leaders
from predictions.services.backtesting.plan import Part, Plan
from predictions.services.walking import examples_of, learned, refuse_too_short

BASELINE = Climatology.name
DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)
_WORDS = "header"

Teacher = Callable[[Examples, Batch], Mapping[str, Engine]]


@dataclass(frozen=True, eq=False)
class Spoken:
    """One engine's answers (N, 3), NaN where it abstained; `reason` (N,): place in the part's reasons."""

    probabilities: Floats
    quantiles: Floats
    reason: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Said:
    """What was said in one part about N rows in order of time. `trained_until`: when the newest outcome that
    was learned from had matured, 0 where nothing could be learned (`why` then says why).
    """

    as_of: Seconds
    token: NDArray[np.int64]
    scale: Floats
    band: Floats
    reference: Floats
    baseline: Floats
    baseline_quantiles: Floats
    price: Floats
    regime: NDArray[np.str_]
    engines: dict[str, Spoken]
    reasons: tuple[str, ...]
    trained_until: int
    why: str

    def __len__(self) -> int:
        return len(self.as_of)


def teacher() -> Teacher:
    """Who teaches where nobody else is named."""
    return learned


def say(market: Market, plan: Plan, part: Part, given: Teacher | None = None) -> Said:
    """Climatology always speaks; the other engines once there is enough to learn from."""
    engines, until, why = _taught(market, plan, part, given or teacher())
    found = list(asked(market, part.timeframe, part.fold, plan.young))
    reasons: dict[str, int] = {"": 0}
    spoken = {BASELINE: _answers(Climatology(), found, reasons)}
    try:
        spoken |= {name: _answers(engine, found, reasons) for name, engine in engines.items()}
    except (ValueError, ArithmeticError, KeyError) as error:  # as in serving, the baseline stands in
        until, why = 0, f"an engine failed: {type(error).__name__}: {error}"

    def together(name: str) -> Floats:
        parts = [np.empty((0, 3) if name.startswith("baseline") else 0)]
        return np.concatenate([getattr(one.batch, name) for one in found] or parts)

    return Said(
        as_of=np.concatenate([one.as_of for one in found] or [np.empty(0, np.int64)]),
        token=np.concatenate([one.token for one in found] or [np.empty(0, np.int64)]),
        scale=together("scale"),
        band=together("band"),
        reference=together("reference_price"),
        baseline=together("baseline"),
        baseline_quantiles=together("baseline_quantiles"),
        price=np.concatenate([one.price for one in found] or [np.empty(0)]),
        regime=np.array([word for one in found for word in one.regime], "U6"),
        engines=spoken,
        reasons=tuple(reasons),
        trained_until=until,
        why=why,
    )


def _taught(
    market: Market, plan: Plan, part: Part, taught_by: Teacher
) -> tuple[Mapping[str, Engine], int, str]:
    """From candles that had closed when the part begins, and outcomes that had matured a day before."""
    try:
        rows, batch = lesson(market, part.timeframe, part.learns_at, plan.rows)
        refuse_too_short(rows)
        return taught_by(rows, batch), int(rows.as_of.max()) + part.timeframe.seconds, ""
    except NotEnoughHistory as error:
        return {}, 0, error.message


def lesson(market: Market, timeframe: Timeframe, start: int, most: int) -> tuple[Examples, Batch]:
    """Rows of the tokens that are taught from, and their batch. What closes after `start` is cut off first."""
    known = cut(market.history, start)
    taught = market.taught(timeframe)
    order = with_leaders(known, taught)
    seen = columns(known, order)
    rows = examples_of(seen, timeframe, most)
    rows = rows.pick(rows.matured(start) & (rows.token < len(taught)))
    return rows, example_batch(rows, seen)


def _answers(engine: Engine, found: list[Asked], reasons: dict[str, int]) -> Spoken:
    answers = [engine.forecast(one.batch) for one in found]
    words = [reasons.setdefault(word, len(reasons)) for answer in answers for word in answer.reasons]
    nothing = np.empty((0, 3))
    return Spoken(
        np.concatenate([answer.probabilities for answer in answers] or [nothing]),
        np.concatenate([answer.quantiles for answer in answers] or [nothing]),
        np.array(words, np.int64),
    )


def save(path: Path, said: Said) -> None:
    """The file appears whole or not at all."""
    arrays: dict[str, NDArray[Any]] = {
        one.name: value for one in fields(Said) if isinstance(value := getattr(said, one.name), np.ndarray)
    }
    for name, spoken in said.engines.items():
        arrays |= {f"{name}.{one.name}": getattr(spoken, one.name) for one in fields(Spoken)}
    words = {
        "engines": list(said.engines),
        "reasons": list(said.reasons),
        "trained_until": said.trained_until,
        "why": said.why,
    }
    arrays[_WORDS] = np.frombuffer(json.dumps(words).encode(), np.uint8)
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    draft.replace(path)


def load(path: Path) -> Said:
    """Raises one of `DAMAGED` where the file is not one that `save` wrote."""
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    words = json.loads(arrays.pop(_WORDS).tobytes())
    engines = {
        name: Spoken(*(arrays.pop(f"{name}.{one.name}") for one in fields(Spoken)))
        for name in words["engines"]
    }
    more = {"reasons": tuple(words["reasons"]), "trained_until": words["trained_until"], "why": words["why"]}
    return Said(engines=engines, **arrays, **more)
