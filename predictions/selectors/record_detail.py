"""One engine (or what was published) at one timeframe, taken apart: by token, regime, quarter, class and month."""

from typing import Any, TypedDict

from django.core.cache import cache
from django.db.models import BigIntegerField, Count, F, Func, Q, QuerySet, Sum
from django.db.models.fields import CharField
from django.db.models.functions import Cast

from markets.models import Token
from predictions import horizons
from predictions.horizons import CLASS_NAMES, Timeframe
from predictions.models import Forecast
from predictions.selectors.record_figures import (
    CalibrationBin,
    SkillShown,
    bins_shown,
    by_bins,
    grouped,
    mean,
    range_skill,
    rounded,
    skill_shown,
    total,
)
from predictions.selectors.record_kept import Kept
from predictions.selectors.record_over_time import MonthShown, months_of
from predictions.selectors.record_pairs import Against, against_whom
from predictions.selectors.record_sums import Filters, Rows, one_if, scored, sums_by, tenth, week

KEPT_SECONDS = 3600
REGIMES = ("calm", "usual", "wild")


class Part(TypedDict):
    """One token, regime or quarter of the record. `id` is what a filter takes, empty where there is none."""

    name: str
    id: str
    n: int
    log_score: float | None
    coverage_80: float | None
    skill: SkillShown
    pinball_skill: SkillShown


ClassShown = TypedDict(  # a call, since `class` is a reserved word
    "ClassShown",
    {
        "class": str,
        "calibration": list[CalibrationBin],
        "ece": float | None,
        "slope": float | None,
        "said": float | None,
        "came": float | None,
    },
)


class Detail(TypedDict):
    """`model` is an engine's name, or `published`."""

    model: str
    timeframe: str
    against: list[Against]
    classes: list[ClassShown]
    tokens: list[Part]
    regimes: list[Part]
    quarters: list[Part]
    months: list[MonthShown]


class Month(Func):
    """A moment's month in UTC as text, `2026-11`, on both databases without a call per row into Python."""

    output_field = CharField()
    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM')"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="strftime('%%%%Y-%%%%m', %(expressions)s)", **context
        )


def record_detail(timeframe: str, filters: Filters, kept: Kept | None = None) -> Detail | None:
    """Of the engine that `filters` name, else of what was published; None where nothing was scored."""
    kept = kept or Kept()
    key = kept.key("detail", timeframe, filters)
    known: Detail | None = cache.get(key)
    if known is None:
        known = _taken_apart(horizons.by_name[timeframe], filters, kept)
        cache.set(key, known, KEPT_SECONDS)
    return known


def subject(timeframe: str, filters: Filters) -> Filters:
    """Whose record it is: one timeframe's, and without an engine that of what users were shown."""
    return Filters(
        token_id=filters.token_id,
        engine=filters.engine,
        since=filters.since,
        until=filters.until,
        regime=filters.regime,
        timeframe=timeframe,
        published=None if filters.engine else True,
    )


def _taken_apart(timeframe: Timeframe, filters: Filters, kept: Kept) -> Detail | None:
    mine = subject(timeframe.name, filters)
    rows = kept.sums("parts", mine, _part_sums)
    if not rows:
        return None
    return {
        "model": filters.engine or "published",
        "timeframe": timeframe.name,
        "against": against_whom(rows, timeframe, mine, kept),
        "classes": _classes(kept.sums("classes", mine, _class_sums)),
        "tokens": _tokens(rows, timeframe),
        "regimes": _regimes(rows, timeframe),
        "quarters": _quarters(rows, timeframe),
        "months": months_of(rows, timeframe),
    }


def _part_sums(matured: QuerySet[Forecast]) -> Rows:
    return sums_by(scored(matured), "token_id", "regime", week=week(), month=Month("as_of"))


def _part(name: str, rows: Rows, timeframe: Timeframe, known_as: str = "") -> Part:
    n = total(rows, "n")
    return {
        "name": name,
        "id": known_as,
        "n": n,
        "log_score": mean(total(rows, "log"), n),
        "coverage_80": mean(total(rows, "inside_sum"), n),
        "skill": skill_shown(rows, "log", "baseline_log", timeframe),
        "pinball_skill": range_skill(rows, timeframe),
    }


def _tokens(rows: Rows, timeframe: Timeframe) -> list[Part]:
    """By rank; those that are no longer followed too."""
    mine = grouped(rows, lambda row: row["token_id"])
    tokens = Token.objects.filter(pk__in=mine).by_rank()
    return [_part(token.symbol, mine[token.pk], timeframe, token.coingecko_id) for token in tokens]


def _regimes(rows: Rows, timeframe: Timeframe) -> list[Part]:
    """Those that were named when the forecasts were made."""
    mine = grouped(rows, lambda row: row["regime"])
    return [_part(name, mine[name], timeframe, name) for name in REGIMES if name in mine]


def _quarters(rows: Rows, timeframe: Timeframe) -> list[Part]:
    mine = grouped(rows, lambda row: _quarter(row["month"]))
    return [_part(name, those, timeframe) for name, those in sorted(mine.items())]


def _quarter(month: str) -> str:
    year, number = month.split("-")
    return f"{year} Q{(int(number) + 2) // 3}"


def _class_sums(matured: QuerySet[Forecast]) -> Rows:
    """Sums of all three probabilities at once, by the bins that they fall into together."""
    bins = {f"{name}_bin": tenth(F(name)) for name in CLASS_NAMES}
    judged = scored(matured).annotate(
        **bins,
        **{f"{name}_came": one_if(Q(outcome__outcome_class=place)) for place, name in enumerate(CLASS_NAMES)},
        **{f"{name}_said": Cast(F(name), BigIntegerField()) for name in CLASS_NAMES},
    )
    sums: dict[str, Any] = {"n": Count("pk")}
    for name in CLASS_NAMES:
        said, came = F(f"{name}_said"), F(f"{name}_came")
        sums |= {f"{name}_p": Sum(said), f"{name}_pp": Sum(said * said)}
        sums |= {f"{name}_y": Sum(came), f"{name}_py": Sum(said * came)}
    return list(judged.values(*bins).annotate(**sums).order_by(*bins))


def _classes(rows: Rows) -> list[ClassShown]:
    return [_class(name, rows) for name in CLASS_NAMES]


def _class(name: str, rows: Rows) -> ClassShown:
    bins = [(row[f"{name}_bin"], row["n"], row[f"{name}_p"], row[f"{name}_y"]) for row in rows]
    sums = [total(rows, "n"), *(total(rows, f"{name}_{part}") for part in ("p", "pp", "y", "py"))]
    found = by_bins(bins, sums)
    n, said, came = sums[0], sums[1], sums[3]
    return {
        "class": name,
        "calibration": bins_shown(found),
        "ece": rounded(found.ece),
        "slope": rounded(found.slope),
        "said": mean(said / 10_000, n),
        "came": mean(came, n),
    }
