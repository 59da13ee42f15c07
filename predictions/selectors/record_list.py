"""Single forecasts of the record with what became of them, a page at a time, and one of them whole."""

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

from core.api.pagination import Page, cursor_page, first_rows
from core.lib.errors import BadInput, NotFound
from predictions import horizons
from predictions.models import Forecast
from predictions.selectors.record_sums import Filters

ORDERS = {"newest": ("-as_of", "-id"), "worst": ("-log_score", "-id"), "best": ("log_score", "-id")}
STATES = {
    "scored": Q(outcome__void=False),
    "void": Q(outcome__void=True),
    "late": Q(late=True),
    "fallback": Q(fallback=True),
    "open": Q(outcome__isnull=True),
}


def single_forecasts(
    request: HttpRequest, filters: Filters, *, order: str = "newest", state: str = ""
) -> Page[Forecast]:
    """Of the engine that `filters` name, else those that users were shown. Ordered by score they are all scored.

    Raises BadInput where the cursor of another order is given.
    """
    found = Forecast.objects.filter(**filters.lookups())
    if filters.engine is None:
        found = found.filter(published=True)
    if state:
        found = found.filter(STATES[state])
    if order != "newest":
        found = found.filter(outcome__log_score__isnull=False)
    whole = found.annotate(log_score=F("outcome__log_score"))
    try:
        first = _first_of_each if _by_timeframe(filters, order) else first_rows
        return cursor_page(_with_names(whole), request, order=ORDERS[order], first=first)
    except (ValueError, TypeError, ValidationError):
        raise BadInput.at("cursor", "This cursor belongs to another order.") from None


def single_forecast(forecast_id: int) -> Forecast:
    """Raises NotFound."""
    found = (
        _with_names(Forecast.objects.filter(pk=forecast_id)).select_related("link", "outcome__link").first()
    )
    if found is None:
        raise NotFound("There is no such forecast.")
    return found


def _by_timeframe(filters: Filters, order: str) -> bool:
    """Whether the newest published of all timeframes are wanted: the index finds them for one timeframe at a time."""
    return order == "newest" and filters.timeframe is None and filters.engine is None


def _first_of_each(rows: QuerySet[Forecast], number: int) -> list[Forecast]:
    """The first rows of each timeframe, in one order again."""
    found = [row for one in horizons.TIMEFRAMES for row in rows.filter(timeframe=one.name)[:number]]
    falling = rows.query.order_by[0] == ORDERS["newest"][0]
    return sorted(found, key=lambda row: (row.as_of, row.pk), reverse=falling)[:number]


def _with_names(found: QuerySet[Forecast]) -> QuerySet[Forecast]:
    return found.select_related("token", "engine_version", "outcome")
