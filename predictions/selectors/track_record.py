"""How well each engine did: scores, skill against the baseline with its interval, calibration and coverage.

Everything is measured on the instants that count (see `forecasting.md`), live forecasts alone; a back-test is
never mixed in. Void and late forecasts, fallbacks and abstentions are counted beside. Below thirty blocks of
time there is no skill, only "too early".
"""

from datetime import datetime, timedelta
from itertools import chain
from typing import Any, TypedDict, cast

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q

from core.lib.clock import iso
from predictions import horizons
from predictions.horizons import Timeframe
from predictions.models import Abstention, EngineVersion
from predictions.selectors.record_detail import record_detail
from predictions.selectors.record_figures import (
    CalibrationBin,
    SkillShown,
    bins_shown,
    calibrated,
    grouped,
    independent_n,
    mean,
    range_skill,
    rounded,
    skill_shown,
    total,
)
from predictions.selectors.record_kept import Kept
from predictions.selectors.record_sums import FAVOURED_BIN, Filters, Rows, scored, sums_by, week
from predictions.selectors.replies import Reply

KEPT_SECONDS = 3600
SCORED_AT_LEAST_EVERY = timedelta(hours=1)
"""Forecasts mature each quarter hour; without an outcome for longer, something is wrong."""
PUBLISHED = "published"
"""The name, among engines, of what users were shown, whichever engine said it."""

ByVersion = dict[int, Rows]
Role = EngineVersion.Role
_ROLES = (Role.CHAMPION, Role.BASELINE, Role.CHALLENGER, Role.RETIRED)


class Everything(TypedDict):
    """Over all instants, overlapping ones too: leaving out the hard moments must not pay."""

    n: int
    void: int
    late: int
    fallback: int


class EngineRecord(TypedDict):
    model: str
    model_version: str
    timeframe: str
    role: str
    n: int
    independent_n: int
    log_score: float | None
    brier: float | None
    pinball: float | None
    skill: SkillShown
    brier_skill: SkillShown
    pinball_skill: SkillShown
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
    all_instants: Everything
    start: str | None
    end: str | None


class AbstentionCount(TypedDict):
    """How often nobody published a forecast of a token, by reason; `counting` at instants that count."""

    timeframe: str
    code: str
    n: int
    counting: int


class Record(TypedDict):
    """`models` by version, `engines` with their versions added up, `published` what users were shown."""

    models: list[EngineRecord]
    engines: list[EngineRecord]
    published: list[EngineRecord]
    abstentions: list[AbstentionCount]


def track_record(timeframes: list[str], filters: Filters, kept: Kept | None = None) -> Record:
    """Records of what has matured; cached until the next outcome, abstention or change of a role."""
    kept = kept or Kept()
    key = kept.key("whole", timeframes, filters)
    known: Record | None = cache.get(key)
    if known is None:
        known = _added_up([horizons.by_name[name] for name in timeframes], filters, kept)
        cache.set(key, known, KEPT_SECONDS)
    return known


def track_record_reply(timeframe: str | None, filters: Filters, now: datetime) -> Reply:
    """Every engine's record, with one taken apart where a timeframe is chosen; stale where nothing was scored for
    hours.
    """
    kept = Kept()
    names = [timeframe] if timeframe else [one.name for one in horizons.TIMEFRAMES]
    last = kept.last_scored
    stale_after = last and last + SCORED_AT_LEAST_EVERY
    data = {
        **track_record(names, filters, kept),
        "detail": record_detail(timeframe, filters, kept) if timeframe else None,
        "definitions": horizons.DEFINITIONS,
        "thinned": True,
        "observed_at": iso(last) if last else None,
        "source": settings.MARKET.stamp("binance"),
        "freshness": "live" if stale_after is not None and now <= stale_after else "stale",
    }
    return Reply(data, stale_after if data["freshness"] == "live" else None)


def _added_up(timeframes: list[Timeframe], filters: Filters, kept: Kept) -> Record:
    sums, apart = (
        grouped(kept.sums(name, filters, summed), lambda row: row["engine_version_id"])
        for name, summed in (("engines", _engine_sums), ("apart", _apart_sums))
    )
    known = list(EngineVersion.objects.filter(pk__in=apart).order_by("pk"))
    record: Record = {"models": [], "engines": [], "published": [], "abstentions": []}
    for timeframe in timeframes:
        versions = [one for one in known if one.timeframe == timeframe.name]
        record["models"] += [_record([one], timeframe, sums, apart) for one in versions]
        engines = {one.engine: [each for each in versions if each.engine == one.engine] for one in versions}
        record["engines"] += [_record(those, timeframe, sums, apart) for those in engines.values()]
        if filters.engine is None:
            record["published"] += _published(versions, timeframe, sums, apart)
    record["abstentions"] = _abstentions(timeframes, filters)
    return record


def _published(
    versions: list[EngineVersion], timeframe: Timeframe, sums: ByVersion, apart: ByVersion
) -> list[EngineRecord]:
    said, aside = (
        {pk: shown for pk, rows in of.items() if (shown := [row for row in rows if row["published"]])}
        for of in (sums, apart)
    )
    speakers = [one for one in versions if one.pk in aside]
    return [_record(speakers, timeframe, said, aside, PUBLISHED)] if speakers else []


def _record(
    versions: list[EngineVersion], timeframe: Timeframe, sums: ByVersion, apart: ByVersion, name: str = ""
) -> EngineRecord:
    """Of versions together, under the name of their engine unless another is given."""
    mine, aside = (list(chain.from_iterable(of.get(one.pk, ()) for one in versions)) for of in (sums, apart))
    found: Any = {**_named(versions, name), **_figures(mine, aside, timeframe)}
    return cast(EngineRecord, found)


def _named(versions: list[EngineVersion], name: str) -> dict[str, Any]:
    roles = {one.role for one in versions}
    return {
        "model": name or versions[-1].engine,
        "model_version": versions[0].version if len(versions) == 1 and not name else "",
        "timeframe": versions[0].timeframe,
        "role": name or next(role.value for role in _ROLES if role in roles),
    }


def _figures(sums: Rows, apart: Rows, timeframe: Timeframe) -> dict[str, Any]:
    n, moved = total(sums, "n"), total(sums, "moved_sum")
    said = calibrated(sums)
    counting = [row for row in apart if row["counts"]]
    return {
        "n": n,
        "independent_n": independent_n(sums, timeframe),
        "log_score": mean(total(sums, "log"), n),
        "brier": mean(total(sums, "brier"), n),
        "pinball": _pinball(sums, "pinball"),
        "skill": skill_shown(sums, "log", "baseline_log", timeframe),
        "brier_skill": skill_shown(sums, "brier", "baseline_brier", timeframe),
        "pinball_skill": range_skill(sums, timeframe),
        "hit_rate": mean(total(sums, "hits"), n),
        "direction_accuracy": mean(total(sums, "direction_points") / 2, moved),
        "direction_n": moved,
        "calibration": bins_shown(said),
        "ece": rounded(said.ece),
        "calibration_slope": rounded(said.slope),
        "coverage_80": mean(total(sums, "inside_sum"), n),
        "baseline": {
            "log_score": mean(total(sums, "baseline_log"), n),
            "brier": mean(total(sums, "baseline_brier"), n),
            "pinball": _pinball(sums, "baseline_pinball"),
        },
        "void": total(counting, "void"),
        "late": total(counting, "late_n"),
        "all_instants": {
            "n": total(apart, "n"),
            "void": total(apart, "void"),
            "late": total(apart, "late_n"),
            "fallback": total(apart, "fallback_n"),
        },
        "start": iso(min(row["first"] for row in sums)) if sums else None,
        "end": iso(max(row["last"] for row in sums)) if sums else None,
    }


def _pinball(rows: Rows, name: str) -> float | None:
    """In log return, with more digits than a score needs: a quarter hour's is of the order of 0.0005."""
    n = total(rows, "ranged")
    return round(total(rows, name) / n, 8) if n else None


def _engine_sums(matured: Any) -> Rows:
    return sums_by(scored(matured), "engine_version_id", "published", week=week(), bin=FAVOURED_BIN)


def _apart_sums(matured: Any) -> Rows:
    rows = matured.values("engine_version_id", "published", "counts").annotate(
        n=Count("pk"),
        void=Count("pk", filter=Q(outcome__void=True)),
        late_n=Count("pk", filter=Q(late=True)),
        fallback_n=Count("pk", filter=Q(fallback=True)),
    )
    return list(rows.order_by("engine_version_id", "published", "counts"))


def _abstentions(timeframes: list[Timeframe], filters: Filters) -> list[AbstentionCount]:
    """By token and period; who says nothing has neither engine nor regime."""
    lookups = Filters(token_id=filters.token_id, since=filters.since, until=filters.until).lookups()
    rows = (
        Abstention.objects.filter(**lookups)
        .values("timeframe", "code")
        .annotate(n=Count("pk"), counting=Count("pk", filter=Q(counts=True)))
        .order_by("code")
    )
    place = {timeframe.name: at for at, timeframe in enumerate(timeframes)}
    mine: Any = [row for row in rows if row["timeframe"] in place]
    return sorted(mine, key=lambda row: place[row["timeframe"]])
