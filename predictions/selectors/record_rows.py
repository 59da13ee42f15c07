"""The record as rows of a file, a piece at a time: every forecast that has its outcome, and every abstention."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from core.lib.clock import iso
from predictions.models import Abstention, Forecast
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
    "baseline_q10": "baseline_p10",
    "baseline_q90": "baseline_p90",
    "range_log_factor": "range_log_factor",
    "pinball": "outcome__pinball",
    "baseline_pinball": "outcome__baseline_pinball",
    "regime": "regime",
    "risk_level": "risk_level",
    "void_reason": "outcome__void_reason",
    "definitions": "definitions",
    "link": "link_id",
    "outcome_link": "outcome__link_id",
}
"""New columns come last, so that a reader who counts them finds the old ones where they were."""
HEADER = tuple(_FIELDS)
_ABSTENTION_FIELDS = {
    "id": "id",
    "symbol": "token__symbol",
    "coingecko_id": "token__coingecko_id",
    "timeframe": "timeframe",
    "as_of": "as_of",
    "code": "code",
    "reason": "reason",
    "counts": "counts",
}
ABSTENTIONS_HEADER = tuple(_ABSTENTION_FIELDS)
_PROBABILITIES = {"p_up", "p_down", "p_sideways", "baseline_up", "baseline_down", "baseline_sideways"}


def record_rows(timeframe: str | None, filters: Filters) -> Iterator[list[Any]]:
    """Rows under `HEADER`. Read by the order of their ids, a piece at a time, so that no cursor stays open
    meanwhile.
    """
    return _pieces(_scored(timeframe, filters), _FIELDS)


def abstention_rows(timeframe: str | None, filters: Filters) -> Iterator[list[Any]]:
    """Rows under `ABSTENTIONS_HEADER`; who says nothing has neither engine nor regime."""
    lookups = Filters(
        filters.token_id, since=filters.since, until=filters.until, timeframe=timeframe
    ).lookups()
    return _pieces(Abstention.objects.filter(**lookups), _ABSTENTION_FIELDS)


def _pieces(found: QuerySet[Any], fields: dict[str, str]) -> Iterator[list[Any]]:
    rows = found.order_by("pk").values_list(*fields.values())
    last = 0
    while piece := list(rows.filter(pk__gt=last)[:PIECE]):
        yield from (
            [_cell(name, value) for name, value in zip(fields, values, strict=True)] for values in piece
        )
        last = piece[-1][0]


def _scored(timeframe: str | None, filters: Filters) -> QuerySet[Forecast]:
    found = Forecast.objects.filter(outcome__isnull=False, **filters.lookups())
    return found.filter(timeframe=timeframe) if timeframe else found


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
