"""The record as rows of a file: every forecast that has its outcome, oldest first, a piece at a time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from core.lib.clock import iso
from predictions.models import Forecast
from predictions.selectors.record_sums import Filters
from predictions.selectors.shown import CLASSES

PIECE = 2000
_FIELDS = {
    "id": "id",
    "symbol": "token__symbol",
    "coingecko_id": "token__coingecko_id",
    "timeframe": "timeframe",
    "model": "engine_version__engine",
    "model_version": "engine_version__version",
    "published": "published",
    "late": "late",
    "fallback": "fallback",
    "counts": "counts",
    "as_of": "as_of",
    "made_at": "made_at",
    "matures_at": "matures_at",
    "source": "source",
    "ref_price": "reference_price",
    "sideways_band": "sideways_band",
    "p_up": "up",
    "p_down": "down",
    "p_sideways": "sideways",
    "baseline_up": "baseline_up",
    "baseline_down": "baseline_down",
    "baseline_sideways": "baseline_sideways",
    "q10": "p10",
    "q50": "p50",
    "q90": "p90",
    "void": "outcome__void",
    "outcome": "outcome__outcome_class",
    "price": "outcome__price",
    "log_return": "outcome__log_return",
    "log_score": "outcome__log_score",
    "brier": "outcome__brier",
    "baseline_log_score": "outcome__baseline_log_score",
    "baseline_brier": "outcome__baseline_brier",
    "inside_range": "outcome__inside_range",
    "resolved_at": "outcome__resolved_at",
}
HEADER = tuple(_FIELDS)
_PROBABILITIES = {"p_up", "p_down", "p_sideways", "baseline_up", "baseline_down", "baseline_sideways"}


def record_rows(timeframe: str | None, filters: Filters) -> Iterator[list[Any]]:
    """Rows under `HEADER`. Read by the order of their ids, a piece at a time, so that no cursor stays open
    meanwhile.
    """
    found = _scored(timeframe, filters).order_by("pk").values_list(*_FIELDS.values())
    last = 0
    while piece := list(found.filter(pk__gt=last)[:PIECE]):
        yield from (_row(values) for values in piece)
        last = piece[-1][0]


def _scored(timeframe: str | None, filters: Filters) -> QuerySet[Forecast]:
    found = Forecast.objects.filter(outcome__isnull=False, **filters.lookups())
    return found.filter(timeframe=timeframe) if timeframe else found


def _row(values: tuple[Any, ...]) -> list[Any]:
    return [_cell(name, value) for name, value in zip(HEADER, values, strict=True)]


def _cell(name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name in _PROBABILITIES:
        return value / 10_000
    if name == "outcome":
        return CLASSES[value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return iso(value) if isinstance(value, datetime) else value
