"""How well each engine did: scores, skill against the baseline with its interval, calibration and coverage.

Everything is measured on the instants that count (see `forecasting.md`), live forecasts alone; a back-test is
never mixed in. Void and late forecasts are counted beside. Below thirty blocks of time there is no skill,
only "too early".
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, TypedDict

import numpy as np
from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max

from core.lib.clock import iso
from predictions import horizons
from predictions.evaluation import calibration, skill
from predictions.evaluation.thinning import independent
from predictions.horizons import Timeframe
from predictions.models import EngineVersion, Outcome
from predictions.selectors.record_sums import BINS, Filters, apart_counts, scored_sums
from predictions.selectors.replies import Reply

Sums = list[dict[str, Any]]
KEPT_SECONDS = 3600
SCORED_AT_LEAST_EVERY = timedelta(hours=1)
"""Forecasts mature each quarter hour; without an outcome for longer, something is wrong."""


class SkillShown(TypedDict):
    """Absent numbers mean that it is too early to say."""

    value: float | None
    low: float | None
    high: float | None
    blocks: int
    note: str


class CalibrationBin(TypedDict):
    """`low` to `high` is where `observed` would lie 19 times in 20 if the probabilities were right."""

    bin: int
    mean_probability: float
    observed: float
    low: float
    high: float
    n: int


class EngineRecord(TypedDict):
    model: str
    model_version: str
    timeframe: str
    role: str
    n: int
    independent_n: int
    log_score: float | None
    brier: float | None
    skill: SkillShown
    brier_skill: SkillShown
    hit_rate: float | None
    direction_accuracy: float | None
    direction_n: int
    calibration: list[CalibrationBin]
    ece: float | None
    calibration_slope: float | None
    coverage_80: float | None
    baseline: dict[str, float | None]
    void: int
    late: int
    start: str | None
    end: str | None


def track_record(timeframes: list[str], filters: Filters) -> list[EngineRecord]:
    """One record for each engine version and timeframe that has matured forecasts; cached until the next
    outcome.
    """
    key = f"track-record:{_state()}:{','.join(timeframes)}:{filters!r}".replace(" ", "_")
    known = cache.get(key)
    if known is None:
        known = [record for name in timeframes for record in _of_timeframe(name, filters)]
        cache.set(key, known, KEPT_SECONDS)
    return list(known)


def track_record_reply(timeframe: str | None, filters: Filters, now: datetime) -> Reply:
    """Every engine's record; stale where nothing was scored for hours."""
    names = [timeframe] if timeframe else [one.name for one in horizons.TIMEFRAMES]
    last = last_scored_at()
    stale_after = last and last + SCORED_AT_LEAST_EVERY
    data = {
        "models": track_record(names, filters),
        "definitions": horizons.DEFINITIONS,
        "thinned": True,
        "observed_at": iso(last) if last else None,
        "source": settings.MARKET.stamp("binance"),
        "freshness": "live" if stale_after is not None and now <= stale_after else "stale",
    }
    return Reply(data, stale_after if data["freshness"] == "live" else None)


def last_scored_at() -> datetime | None:
    last: datetime | None = Outcome.objects.aggregate(last=Max("resolved_at"))["last"]
    return last


def _state() -> str:
    """Changes with every outcome: when the last were resolved, and how many then."""
    last = last_scored_at()
    if last is None:
        return "none"
    newest = Outcome.objects.filter(resolved_at=last).aggregate(n=Count("pk"), top=Max("pk"))
    return f"{iso(last)}:{newest['n']}:{newest['top']}"


def _of_timeframe(name: str, filters: Filters) -> list[EngineRecord]:
    timeframe = horizons.by_name[name]
    by_version: dict[int, Sums] = defaultdict(list)
    for row in scored_sums(name, timeframe.block_seconds, filters):
        by_version[row["engine_version_id"]].append(row)
    apart = apart_counts(name, filters)
    versions = EngineVersion.objects.filter(pk__in={*by_version, *apart}).order_by("pk")
    return [_record(one, by_version[one.pk], apart.get(one.pk, {}), timeframe) for one in versions]


def _record(version: EngineVersion, sums: Sums, apart: dict[str, int], timeframe: Timeframe) -> EngineRecord:
    n = _total(sums, "n")
    moved = _total(sums, "moved_sum")
    said = _calibration(sums)
    return {
        "model": version.engine,
        "model_version": version.version,
        "timeframe": version.timeframe,
        "role": version.role,
        "n": n,
        "independent_n": _independent(sums, timeframe),
        "log_score": _mean(_total(sums, "log"), n),
        "brier": _mean(_total(sums, "brier"), n),
        "skill": _skill(sums, "log", "baseline_log"),
        "brier_skill": _skill(sums, "brier", "baseline_brier"),
        "hit_rate": _mean(_total(sums, "hits"), n),
        "direction_accuracy": _mean(_total(sums, "direction_points") / 2, moved),
        "direction_n": moved,
        "calibration": [_bin_shown(one) for one in said.bins if one.n],
        "ece": _rounded(said.ece),
        "calibration_slope": _rounded(said.slope),
        "coverage_80": _mean(_total(sums, "inside_sum"), n),
        "baseline": {
            "log_score": _mean(_total(sums, "baseline_log"), n),
            "brier": _mean(_total(sums, "baseline_brier"), n),
        },
        "void": apart.get("void", 0),
        "late": apart.get("late", 0),
        "start": iso(min(row["first"] for row in sums)) if sums else None,
        "end": iso(max(row["last"] for row in sums)) if sums else None,
    }


def _total(sums: Sums, name: str) -> Any:
    return sum(row[name] for row in sums)


def _mean(total: float, n: int) -> float | None:
    return round(total / n, 6) if n else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _independent(sums: Sums, timeframe: Timeframe) -> int:
    """How many outcomes of this horizon fit side by side into the span that was scored."""
    moments = [int(row[name].timestamp()) for row in sums for name in ("first", "last")]
    return int(independent(timeframe, moments))


def _skill(sums: Sums, own: str, baseline: str) -> SkillShown:
    """All tokens of a block of time stand or fall together, so the interval is drawn over blocks."""
    blocks = [row["block"] for row in sums]
    found = skill.skill([row[own] for row in sums], [row[baseline] for row in sums], blocks)
    number = len(set(blocks))
    if found is None:
        note = f"Too early to say: {number} of {skill.FEWEST_BLOCKS} blocks of time."
        return {"value": None, "low": None, "high": None, "blocks": number, "note": note}
    value, low, high = (round(one, 6) for one in (found.value, found.low, found.high))
    return {"value": value, "low": low, "high": high, "blocks": number, "note": ""}


def _calibration(sums: Sums) -> calibration.Calibration:
    """Bins of the favoured class's probability: what was said, and how often it came."""
    n, said, hits = np.zeros(BINS), np.zeros(BINS), np.zeros(BINS)
    for row in sums:
        place = min(row["bin"], BINS - 1)
        n[place] += row["n"]
        said[place] += row["said_sum"] / 10_000
        hits[place] += row["hits"]
    return calibration.from_sums(n, said, hits)


def _bin_shown(one: calibration.Bin) -> CalibrationBin:
    """Of a bin that holds forecasts."""
    figures = (one.mean_probability, one.observed, one.low, one.high)
    said, observed, low, high = (round(figure or 0.0, 6) for figure in figures)
    return {
        "bin": one.bin,
        "mean_probability": said,
        "observed": observed,
        "low": low,
        "high": high,
        "n": one.n,
    }
