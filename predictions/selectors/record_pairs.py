"""One engine against the named alternatives: on the same tokens at the same instants, where both were scored."""

import math
from functools import partial
from typing import Any, TypedDict

from django.db import connection
from django.db.models import Avg, Min, Q, QuerySet

from predictions.horizons import Timeframe
from predictions.models import EngineVersion, Forecast
from predictions.selectors.record_figures import SkillShown, blocks_of, mean, skill_of, total
from predictions.selectors.record_kept import Kept
from predictions.selectors.record_sums import Filters, Rows, scored, week

UNIFORM = "uniform"
UNIFORM_LOG_SCORE = math.log(3)
_MOST_NAMED = ("climatology", UNIFORM, "persistence", "rules")


class Against(TypedDict):
    """Log scores of both over the `n` forecasts that both made, and the skill of ours against theirs."""

    model: str
    n: int
    log_score: float | None
    their_log_score: float | None
    skill: SkillShown


def against_whom(sums: Rows, timeframe: Timeframe, filters: Filters, kept: Kept) -> list[Against]:
    """`sums` are those of the engine (or of what was published) that `filters` name, by week."""
    weeks = [{**row, "ours": row["log"], "uniform": row["n"] * UNIFORM_LOG_SCORE} for row in sums]
    found = [_against("climatology", weeks, "log", "baseline_log", timeframe)]
    found += [_against(UNIFORM, weeks, "ours", "uniform", timeframe)]
    rivals = _rivals(timeframe, filters)
    pairs = (
        kept.sums(f"pairs:{filters.engine}:{rivals}", _both(filters), partial(_pair_sums, filters, rivals))
        if rivals
        else []
    )
    for place, rival in enumerate(rivals):
        rows = [{"week": row["week"], **row["rivals"][place]} for row in pairs if row["rivals"][place]["n"]]
        if rows and not _is_itself(rows):
            found.append(_against(rival, rows, "ours", "theirs", timeframe))
    return sorted(found, key=lambda one: _place(one["model"]))


def _place(name: str) -> tuple[int, str]:
    return (_MOST_NAMED.index(name) if name in _MOST_NAMED else len(_MOST_NAMED), name)


def _against(model: str, rows: Rows, ours: str, theirs: str, timeframe: Timeframe) -> Against:
    n = total(rows, "n")
    own, other = [row[ours] for row in rows], [row[theirs] for row in rows]
    return {
        "model": model,
        "n": n,
        "log_score": mean(sum(own), n),
        "their_log_score": mean(sum(other), n),
        "skill": skill_of(own, other, blocks_of(rows, timeframe)),
    }


def _rivals(timeframe: Timeframe, filters: Filters) -> list[str]:
    """Every other engine of this timeframe; climatology stands in each row as the baseline."""
    engines = EngineVersion.objects.filter(timeframe=timeframe.name).order_by("engine")
    names = engines.values_list("engine", flat=True).distinct()
    return [name for name in names if name not in {"climatology", filters.engine}]


def _both(filters: Filters) -> Filters:
    """The rows of both sides: neither one engine's alone, nor what was published alone."""
    return Filters(
        token_id=filters.token_id,
        since=filters.since,
        until=filters.until,
        regime=filters.regime,
        timeframe=filters.timeframe,
    )


def _is_itself(rows: Rows) -> bool:
    """The champion's engine beside what was published: the same forecasts."""
    return all(row["ours"] == row["theirs"] for row in rows)


def _pair_sums(filters: Filters, rivals: list[str], matured: QuerySet[Forecast]) -> Rows:
    """By week and rival: n, and the sums of both log scores.

    1. One line for each token and instant holds the scores of all sides there (their mean where several versions
       of an engine spoke).
    2. Lines are summed by week, for each rival those where both sides stand.
    """
    mine = Q(engine_version__engine=filters.engine) if filters.engine else Q(published=True)
    score = "outcome__log_score"
    lines = (
        scored(matured)
        .values("token_id", "as_of")
        .annotate(
            week=Min(week()),
            ours=Avg(score, filter=mine),
            **{f"rival_{place}": Avg(score, filter=_of(name)) for place, name in enumerate(rivals)},
        )
        .values("week", "ours", *(f"rival_{place}" for place in range(len(rivals))))
        .order_by()
    )
    sql, params = lines.query.sql_with_params()
    columns = ", ".join(_both_there(f"rival_{place}") for place in range(len(rivals)))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT week, {columns} FROM ({sql}) AS line GROUP BY week ORDER BY week", params)  # noqa: S608
        return [_pair_row(row) for row in cursor.fetchall()]


def _of(name: str) -> Q:
    return Q(engine_version__engine=name)


def _both_there(rival: str) -> str:
    both = f"ours IS NOT NULL AND {rival} IS NOT NULL"
    n = f"SUM(CASE WHEN {both} THEN 1 ELSE 0 END)"
    return ", ".join([n, *(f"SUM(CASE WHEN {both} THEN {side} ELSE 0 END)" for side in ("ours", rival))])


def _pair_row(row: tuple[Any, ...]) -> dict[str, Any]:
    thirds = zip(row[1::3], row[2::3], row[3::3], strict=True)
    return {
        "week": row[0],
        "rivals": [{"n": n, "ours": ours, "theirs": theirs} for n, ours, theirs in thirds],
    }
