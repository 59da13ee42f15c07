"""The scored record summed by the database: one small row for each group that is asked for.

Sums are all that the track record needs, so millions of forecasts become a few thousand rows before they
leave the database. Only forecasts that count and were in time are scored here; the others are counted apart.
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
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest

from predictions.horizons import DAY
from predictions.models import EngineVersion, Forecast

BINS = 10
WEEK = 7 * DAY
"""Every block of time is whole weeks, so sums by week serve all timeframes at once."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Filters:
    """What of the record is wanted; None means all. `published`: only what users were shown."""

    token_id: int | None = None
    engine: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    regime: str | None = None
    timeframe: str | None = None
    published: bool | None = None

    def lookups(self) -> dict[str, Any]:
        wanted = {
            "token_id": self.token_id,
            "engine_version__engine": self.engine,
            "as_of__gte": self.since,
            "as_of__lt": self.until,
            "regime": self.regime,
            "timeframe": self.timeframe,
            "published": self.published,
        }
        return {name: value for name, value in wanted.items() if value is not None}


class Seconds(Func):
    """A moment as whole seconds since 1970, on both databases."""

    output_field = BigIntegerField()
    template = "CAST(EXTRACT(EPOCH FROM %(expressions)s) AS BIGINT)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="unixepoch(%(expressions)s)", **context)


class Unindexed(Func):
    """A column that SQLite is not to look rows up by; on other databases the column and nothing else."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


def matured(filters: Filters) -> QuerySet[Forecast]:
    """Everything that has its outcome: late, void and overlapping ones too."""
    return Forecast.objects.filter(outcome__isnull=False, **filters.lookups())


def resolved_since(filters: Filters, since: datetime) -> QuerySet[Forecast]:
    """Of what has matured, that whose outcome came at `since` or later: found by the outcomes' time alone.

    SQLite would rather walk through every forecast of a timeframe than through the outcomes of a day.
    """
    wanted = filters.lookups()
    engine = wanted.pop("engine_version__engine", None)
    if engine is not None:
        wanted["engine_version_id__in"] = EngineVersion.objects.filter(engine=engine).values("pk")
    columns = {_column(name) for name in wanted}
    found = Forecast.objects.alias(**{f"plain_{column}": Unindexed(column) for column in columns})
    mine = {f"plain_{name}": value for name, value in wanted.items()}
    return found.filter(outcome__resolved_at__gte=since, **mine)


def _column(lookup: str) -> str:
    return lookup.partition("__")[0]


def scored(matured: QuerySet[Forecast]) -> QuerySet[Forecast]:
    """Of what has matured, that which is judged: at instants that count, in time, with a candle at the end."""
    return matured.filter(counts=True, late=False, outcome__void=False)


def week() -> Combinable:
    return Seconds("as_of") / WEEK


def tenth(probability: Combinable) -> Combinable:
    """The bin of a probability in ten-thousandths."""
    return Cast(probability / (10_000 // BINS), IntegerField())


FAVOURED = Greatest("up", "down", "sideways")
FAVOURED_BIN = tenth(FAVOURED)


def sums_by(judged: QuerySet[Forecast], *fields: str, **groups: Combinable) -> Rows:
    """Sums of scores, hits, ranges and directions for each group: by fields as they are, and by expressions."""
    cut = judged.annotate(
        said=Cast(FAVOURED, BigIntegerField()),
        hit=one_if(_FAVOURED_CAME),
        moved=one_if(~Q(outcome__outcome_class=_SIDEWAYS)),
        right_way=_DIRECTION_POINTS,
        inside=one_if(Q(outcome__inside_range=True)),
        **groups,
    )
    grouped: Any = cut.values(*fields, *groups)
    return list(grouped.annotate(**_sums()).order_by(*fields, *groups))


def one_if(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _sums() -> dict[str, Any]:
    ranged = Q(outcome__pinball__isnull=False, outcome__baseline_pinball__isnull=False)
    return {
        "n": Count("pk"),
        "said_sum": Sum("said"),
        "said_squares": Sum(F("said") * F("said")),
        "said_hits": Sum(F("said") * F("hit")),
        "hits": Sum("hit"),
        "inside_sum": Sum("inside"),
        "moved_sum": Sum("moved"),
        "direction_points": Sum("right_way"),
        "log": Sum("outcome__log_score"),
        "brier": Sum("outcome__brier"),
        "baseline_log": Sum("outcome__baseline_log_score"),
        "baseline_brier": Sum("outcome__baseline_brier"),
        "ranged": Count("pk", filter=ranged),
        "pinball": Sum("outcome__pinball", filter=ranged, default=0.0),
        "baseline_pinball": Sum("outcome__baseline_pinball", filter=ranged, default=0.0),
        "first": Min("as_of"),
        "last": Max("as_of"),
    }


_UP, _DOWN, _SIDEWAYS = 0, 1, 2
_FAVOURED_CAME = (
    Q(up__gte=F("down"), outcome__outcome_class=_UP) & Q(up__gte=F("sideways"))
    | Q(down__gt=F("up"), outcome__outcome_class=_DOWN) & Q(down__gte=F("sideways"))
    | Q(sideways__gt=F("up"), outcome__outcome_class=_SIDEWAYS) & Q(sideways__gt=F("down"))
)
"""Among equals the first of up, down and sideways is the favoured class."""

_DIRECTION_POINTS = Case(
    When(outcome__outcome_class=_SIDEWAYS, then=Value(0)),
    When(up=F("down"), then=Value(1)),
    When(outcome__outcome_class=_UP, up__gt=F("down"), then=Value(2)),
    When(outcome__outcome_class=_DOWN, down__gt=F("up"), then=Value(2)),
    default=Value(0),
    output_field=IntegerField(),
)
"""Two points for the right way, one for a tie, where the price did move."""
