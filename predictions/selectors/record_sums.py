"""The scored record summed by the database: one small row for each engine version, block of time and
probability bin.

Sums are all that the track record needs, so millions of forecasts become a few thousand rows before they
leave the database. Only instants that count are summed, and late and void forecasts are counted apart.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Greatest

from predictions.models import Forecast

BINS = 10


@dataclass(frozen=True)
class Filters:
    """What of the record is wanted; None means all."""

    token_id: int | None = None
    engine: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def lookups(self) -> dict[str, Any]:
        wanted = {
            "token_id": self.token_id,
            "engine_version__engine": self.engine,
            "as_of__gte": self.since,
            "as_of__lt": self.until,
        }
        return {name: value for name, value in wanted.items() if value is not None}


class Seconds(Func):
    """A moment as whole seconds since 1970, on both databases."""

    output_field = BigIntegerField()
    template = "CAST(EXTRACT(EPOCH FROM %(expressions)s) AS BIGINT)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="unixepoch(%(expressions)s)", **context)


def scored_sums(timeframe: str, block_seconds: int, filters: Filters) -> list[dict[str, Any]]:
    """Sums of what was in time, by engine version, block of time and bin of the favoured probability."""
    scored = _matured(timeframe, filters).filter(late=False, outcome__void=False)
    favoured = Greatest("up", "down", "sideways")
    cut = scored.annotate(
        block=Seconds("as_of") / block_seconds,
        bin=Cast(favoured / (10_000 // BINS), IntegerField()),
        said=Cast(favoured, IntegerField()),
        hit=_one_if(_FAVOURED_CAME),
        moved=_one_if(~Q(outcome__outcome_class=_SIDEWAYS)),
        right_way=_DIRECTION_POINTS,
        inside=_one_if(Q(outcome__inside_range=True)),
    )
    rows: Any = (
        cut.values("engine_version_id", "block", "bin")
        .annotate(
            n=Count("pk"),
            said_sum=Sum("said"),
            hits=Sum("hit"),
            inside_sum=Sum("inside"),
            moved_sum=Sum("moved"),
            direction_points=Sum("right_way"),
            log=Sum("outcome__log_score"),
            brier=Sum("outcome__brier"),
            baseline_log=Sum("outcome__baseline_log_score"),
            baseline_brier=Sum("outcome__baseline_brier"),
            first=Min("as_of"),
            last=Max("as_of"),
        )
        .order_by("engine_version_id", "block", "bin")
    )
    return list(rows)


def apart_counts(timeframe: str, filters: Filters) -> dict[int, dict[str, int]]:
    """Void and late forecasts of each engine version: leaving out the hard moments must not pay."""
    rows = (
        _matured(timeframe, filters)
        .values("engine_version_id")
        .annotate(void=Count("pk", filter=Q(outcome__void=True)), late=Count("pk", filter=Q(late=True)))
    )
    return {row["engine_version_id"]: {"void": row["void"], "late": row["late"]} for row in rows}


def _matured(timeframe: str, filters: Filters) -> QuerySet[Forecast]:
    return Forecast.objects.filter(
        timeframe=timeframe, counts=True, outcome__isnull=False, **filters.lookups()
    )


_UP, _DOWN, _SIDEWAYS = 0, 1, 2
_FAVOURED_CAME = (
    Q(up__gte=F("down"), outcome__outcome_class=_UP) & Q(up__gte=F("sideways"))
    | Q(down__gt=F("up"), outcome__outcome_class=_DOWN) & Q(down__gte=F("sideways"))
    | Q(sideways__gt=F("up"), outcome__outcome_class=_SIDEWAYS) & Q(sideways__gt=F("down"))
)
"""Among equals the first of up, down and sideways is the favoured class."""


def _one_if(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


_DIRECTION_POINTS = Case(
    When(outcome__outcome_class=_SIDEWAYS, then=Value(0)),
    When(up=F("down"), then=Value(1)),
    When(outcome__outcome_class=_UP, up__gt=F("down"), then=Value(2)),
    When(outcome__outcome_class=_DOWN, down__gt=F("up"), then=Value(2)),
    default=Value(0),
    output_field=IntegerField(),
)
"""Two points for the right way, one for a tie, where the price did move."""
