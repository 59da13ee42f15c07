"""Makes and publishes forecasts: one panel for all tokens, one batch for each timeframe, written once.

A run may be repeated: what was made stays as it is, and only tokens without a forecast at that moment are
tried again.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from core.lib.errors import BadInput
from markets.freshness import candle_freshness
from markets.models import Token
from predictions import horizons
from predictions.events import forecasts_published
from predictions.horizons import Timeframe
from predictions.models import EngineVersion, Forecast, ForecastRun
from predictions.services import chain, instants
from predictions.services.abstaining import STALE, Silent, keep_abstentions, reason_of
from predictions.services.inputs import Seen
from predictions.services.moments import Moment, read_moment
from predictions.services.publishers import Said, known_versions, others, published, versions_of
from predictions.services.range_scales import RangeFactors, read_range_factors
from predictions.services.rows import rows_of

log = structlog.get_logger(__name__)
BATCH_ROWS = 1000


@dataclass
class Made:
    """What one timeframe's run brings: rows to store, and who got none, and why."""

    rows: list[Forecast] = field(default_factory=list)
    silent: Silent = field(default_factory=dict)
    fallback: str = ""
    late: bool = False
    seen: Seen | None = None


def make_forecasts(
    as_of: datetime,
    now: datetime,
    timeframes: Sequence[str] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> list[ForecastRun]:
    """Forecasts at `as_of` of the timeframes due then (or of those named), for every followed token.

    `now` is market time: later than 120 s after `as_of` they are marked late, and from stale candles none are
    made. A run takes its time, in a fast replay much of it: with `clock` each timeframe's forecasts are judged
    when they are there, not when the run began.
    """
    read = clock or (lambda: now)
    wanted = [_named(name) for name in timeframes] if timeframes is not None else instants.due_at(as_of)
    tokens = list(Token.objects.active().by_rank())
    missing = {timeframe.name: _without_forecast(tokens, timeframe, as_of) for timeframe in wanted}
    needed = {token.pk for those in missing.values() for token in those}
    due = [timeframe for timeframe in wanted if missing[timeframe.name]]
    seen = Seen(read_moment(tokens, as_of), due) if needed else None
    versions = known_versions(as_of)
    factors = read_range_factors([one.pk for one in versions if horizons.by_name[one.timeframe] in wanted])
    runs = []
    for timeframe in wanted:
        started = time.perf_counter()
        mine = versions_of(versions, timeframe.name)
        lacking = missing[timeframe.name]
        made = (
            _make(seen, lacking, timeframe, mine, factors, read) if seen is not None and lacking else Made()
        )
        runs.append(_store(made, timeframe, as_of, read(), len(tokens), started))
    return runs


def _named(name: str) -> Timeframe:
    if name not in horizons.by_name:
        raise BadInput.at("timeframe", f"write one of {', '.join(horizons.by_name)}.")
    return horizons.by_name[name]


def _without_forecast(tokens: Sequence[Token], timeframe: Timeframe, as_of: datetime) -> list[Token]:
    made = Forecast.objects.filter(timeframe=timeframe.name, as_of=as_of, published=True)
    known = set(made.values_list("token_id", flat=True))
    return [token for token in tokens if token.pk not in known]


def _make(
    seen: Seen,
    missing: Sequence[Token],
    timeframe: Timeframe,
    versions: Sequence[EngineVersion],
    factors: RangeFactors,
    read: Callable[[], datetime],
) -> Made:
    moment = seen.moment
    if _is_stale(moment, timeframe, read()):
        return Made(silent=dict.fromkeys(missing, STALE))
    batch = seen.batch(timeframe)
    saying = published(batch, versions)
    counting = instants.counts_at(moment.as_of, timeframe)
    said = [saying.said, *(others(batch, versions) if counting else ())]
    wanted = {token.pk for token in missing}
    there_at = read()
    rows = [
        row
        for one in said
        for row in rows_of(one, moment, batch, there_at, counting, factors)
        if row.token_id in wanted
    ]
    silent = _silent(moment, saying.said, wanted)
    return Made(rows, silent, saying.fallback, instants.is_late(moment.as_of, there_at), seen)


def _is_stale(moment: Moment, timeframe: Timeframe, now: datetime) -> bool:
    """Also where the horizon is over: what is said then is no forecast, however fresh its candle."""
    if now >= moment.as_of + timedelta(seconds=timeframe.seconds):
        return True
    interval = moment.reference_interval(timeframe)
    return candle_freshness(moment.as_of - timedelta(seconds=interval), interval, now) == "stale"


def _silent(moment: Moment, said: Said, wanted: set[int]) -> Silent:
    """Those whose forecast was wanted, and for whom nobody published one."""
    why = zip(moment.tokens, said.answer.ok, said.answer.reasons, strict=True)
    return {
        token: reason_of(reason, moment.doubts.get(token.pk))
        for token, ok, reason in why
        if token.pk in wanted and not ok
    }


@transaction.atomic
def _store(
    made: Made, timeframe: Timeframe, as_of: datetime, now: datetime, tokens: int, started: float
) -> ForecastRun:
    """A run and its forecasts are there together or not at all; one writer at a time."""
    run, fresh = ForecastRun.objects.get_or_create(
        timeframe=timeframe.name,
        as_of=as_of,
        defaults={"made_at": now, "seconds": 0.0, "tokens": tokens, "forecasts": 0},
    )
    run = ForecastRun.objects.select_for_update().get(pk=run.pk)
    shown = Forecast.objects.filter(timeframe=timeframe.name, as_of=as_of, published=True)
    known = set(shown.values_list("token_id", flat=True))
    rows = _missing(made.rows, run, known)
    if not rows and not fresh:
        return run
    # Not with ignore_conflicts: SQLite then drops rows that break any constraint, without a word.
    if made.seen is not None:
        made.seen.keep_for(rows)
    chain.link_forecasts(rows, timeframe.name, as_of)
    Forecast.objects.bulk_create(rows, batch_size=BATCH_ROWS)
    new = dict(shown.exclude(token_id__in=known).values_list("pk", "token_id"))
    counts = instants.counts_at(as_of, timeframe)
    keep_abstentions(run, made.silent, known | set(new.values()), counts=counts)
    _account(run, made, len(new), tokens, time.perf_counter() - started)
    _announce(run, list(new))
    return run


def _missing(rows: Sequence[Forecast], run: ForecastRun, shown: set[int]) -> list[Forecast]:
    """Those that nobody has stored, and of published ones those whose token shows none yet."""
    stored = Forecast.objects.filter(timeframe=run.timeframe, as_of=run.as_of)
    said = set(stored.values_list("token_id", "engine_version_id"))
    new = [row for row in rows if (row.token_id, row.engine_version_id) not in said]
    return [row for row in new if not row.published or row.token_id not in shown]


def _account(run: ForecastRun, made: Made, new: int, tokens: int, seconds: float) -> None:
    run.seconds += seconds
    run.tokens = tokens
    run.forecasts += new
    run.late += new if made.late else 0
    run.fallback = made.fallback[:200]
    run.save()
    if made.fallback:
        log.warning("climatology_stands_in", timeframe=run.timeframe, reason=made.fallback)


def _announce(run: ForecastRun, forecast_ids: list[int]) -> None:
    if not forecast_ids:
        return
    timeframe, as_of = run.timeframe, run.as_of
    transaction.on_commit(
        lambda: forecasts_published.send(
            sender=ForecastRun, timeframe=timeframe, as_of=as_of, forecast_ids=forecast_ids
        )
    )
