"""Live log scores of one version beside somebody else's on the same forecasts, summed by block of time.

Scored in time, at instants that count, and made after everything that either of the two has learned from.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum

from predictions.evaluation.skill import Skill, skill
from predictions.horizons import by_name
from predictions.models import EngineVersion, Outcome
from predictions.selectors.record_sums import Seconds


@dataclass(frozen=True)
class Live:
    """Sums (blocks,) of log scores; and how many `forecasts` are in them."""

    own: list[float]
    theirs: list[float]
    blocks: list[int]
    forecasts: int

    def skill(self, sure: float) -> Skill | None:
        """With an interval that is so sure; None below thirty blocks of time: too early to say."""
        return skill(self.own, self.theirs, self.blocks, sure=sure)


def against_baseline(version: EngineVersion) -> Live:
    """Beside the climatology that was stored in the same rows."""
    return _summed(version, _scored(version, version.trained_at), F("baseline_log_score"))


def against_version(version: EngineVersion, other: EngineVersion) -> Live:
    """Beside the other's forecasts of the same tokens and moments; those that only one has made are left out."""
    since = max((one.trained_at for one in (version, other) if one.trained_at), default=None)
    theirs = Outcome.objects.filter(
        forecast__token=OuterRef("forecast__token"),
        forecast__timeframe=other.timeframe,
        forecast__engine_version=other,
        forecast__as_of=OuterRef("forecast__as_of"),
        forecast__late=False,
    )
    return _summed(version, _scored(version, since), Subquery(theirs.values("log_score")[:1]))


def _scored(version: EngineVersion, since: datetime | None) -> QuerySet[Outcome]:
    scored = Outcome.objects.filter(
        forecast__engine_version=version, forecast__counts=True, forecast__late=False, void=False
    )
    return scored if since is None else scored.filter(forecast__as_of__gte=since)


def _summed(version: EngineVersion, scored: QuerySet[Outcome], theirs: Any) -> Live:
    pairs = scored.annotate(theirs=theirs).filter(theirs__isnull=False)
    seconds = by_name[version.timeframe].block_seconds
    cut = pairs.annotate(block=Seconds("forecast__as_of") / seconds).values("block")
    rows = list(cut.annotate(own=Sum("log_score"), other=Sum("theirs"), n=Count("pk")).order_by("block"))
    own, other = [row["own"] for row in rows], [row["other"] for row in rows]
    return Live(own, other, [row["block"] for row in rows], sum(row["n"] for row in rows))
