"""Trains engines on this market's own history, in a child process: learning would hold up a web process or a
worker.

A trained engine enters as a challenger. Its walk-forward scores are kept with it, and never mixed with live
ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings

from core.lib.clock import from_seconds, wall_now
from core.lib.errors import NotEnoughHistory
from markets.models import Token
from predictions.engines import artifacts
from predictions.engines.boosting import Boosting
from predictions.features.examples import Examples
from predictions.features.frame import History
from predictions.horizons import DAY, DEFINITIONS, TIMEFRAMES, Timeframe, by_name
from predictions.models import EngineVersion
from predictions.services.histories import read_history
from predictions.services.walking import ENGINES, examples_of, learn, plan_of, scores_shown, walk

log = structlog.get_logger(__name__)
ENGINE = "boosting"
LEAST_DAYS = 90
MOST_DAYS, QUARTER_DAYS = 3 * 365, 400
Progress = Callable[[float, str], None]


def silent(progress: float, detail: str) -> None:
    """For callers whom progress does not interest."""


def train(
    timeframes: Sequence[str] | None,
    now: datetime,
    progress: Progress = silent,
    history: History | None = None,
) -> list[EngineVersion]:
    """New challengers of these timeframes (all if None). A timeframe with too little history is left out, and
    said.

    `history` is another market's candles; the project's own are read where it is left out.
    """
    wanted = [by_name[name] for name in timeframes] if timeframes else list(TIMEFRAMES)
    progress(0.0, "reading candles")
    seen = history if history is not None else own_history(now)
    made = []
    for place, timeframe in enumerate(wanted):
        progress(place / len(wanted), f"training {timeframe.name}")
        try:
            made.append(register(teach(seen, timeframe, now), now))
        except NotEnoughHistory as error:
            log.info("not_trained", timeframe=timeframe.name, reason=error.message)
            progress((place + 1) / len(wanted), error.message)
    progress(1.0, f"{len(made)} of {len(wanted)} timeframes trained")
    return made


def own_history(now: datetime) -> History:
    """All tokens, those that died too: choosing by who is here today would be looking ahead."""
    tokens = list(Token.objects.order_by("pk"))
    return read_history(tokens, now, days=MOST_DAYS, quarter_days=QUARTER_DAYS)


@dataclass(frozen=True, eq=False)
class Taught:
    """An engine that has learned, and how it would have done walking forward."""

    engine: Boosting
    scores: dict[str, object]


def teach(history: History, timeframe: Timeframe, now: datetime) -> Taught:
    """Walk forward for the scores, then learn from everything that has matured."""
    rows = examples_of(history, timeframe)
    _refuse_too_short(rows)
    report = walk(rows, history, ENGINES[ENGINE], plan_of(rows))
    engine = learn(rows.pick(rows.matured(int(now.timestamp()))), f"{wall_now():%Y%m%d-%H%M%S}")
    return Taught(engine, scores_shown(report))


def register(taught: Taught, now: datetime) -> EngineVersion:
    """A new challenger. The file first: a row without its file would be an engine that cannot be loaded."""
    engine, timeframe = taught.engine, taught.engine.timeframe
    name = f"{timeframe.name}/{ENGINE}-{engine.version}.npz"
    more = {"scores": taught.scores, "trained_at": int(now.timestamp())}
    digest = artifacts.save(settings.ARTIFACTS / name, engine, **more)
    return EngineVersion.objects.create(
        engine=ENGINE,
        version=engine.version,
        timeframe=timeframe.name,
        role=EngineVersion.Role.CHALLENGER,
        definitions=DEFINITIONS,
        artifact=name,
        artifact_digest=digest,
        features=engine.header["features"],
        trained_at=now,
        span_from=from_seconds(engine.header["span_from"]),
        span_to=from_seconds(engine.header["span_to"]),
        scores=taught.scores,
    )


def _refuse_too_short(rows: Examples) -> None:
    days = (int(rows.as_of[-1]) - int(rows.as_of[0])) / DAY if len(rows) else 0.0
    if days < LEAST_DAYS:
        raise NotEnoughHistory(
            f"{rows.timeframe.name}: {days:.0f} days can be learned from, {LEAST_DAYS} are needed."
        )
