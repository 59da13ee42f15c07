"""The single forecasts behind the record, the worst first if asked, and a page for each of them."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from core.drawing.bars import Chances
from core.drawing.fan import Range, range_strip
from core.lib.clock import market_now
from core.lib.errors import BadInput, NotFound
from predictions import horizons
from predictions.models import Forecast, Outcome
from predictions.pages.asked import asked_of
from predictions.pages.track_record import choices
from predictions.selectors import shown
from predictions.selectors.engines import engine_versions
from predictions.selectors.record_list import ORDERS, STATES, single_forecast, single_forecasts

ORDERS_SHOWN = (("newest", "Newest first"), ("worst", "Worst score first"), ("best", "Best score first"))
STATES_SHOWN = (
    ("", "All"),
    ("scored", "Scored"),
    ("open", "Not over yet"),
    ("void", "Void"),
    ("late", "Late"),
    ("fallback", "Baseline stood in"),
)


@dataclass(frozen=True)
class Single:
    """One forecast with its outcome, where there is one."""

    forecast: Forecast

    @property
    def outcome(self) -> Outcome | None:
        return getattr(self.forecast, "outcome", None)

    @property
    def chances(self) -> Chances:
        return Chances(*(getattr(self.forecast, name) / 10_000 for name in Chances._fields))

    @property
    def baseline(self) -> Chances:
        return Chances(*(getattr(self.forecast, f"baseline_{name}") / 10_000 for name in Chances._fields))

    @property
    def favoured(self) -> str:
        return shown.favoured(self.forecast)

    @property
    def confidence(self) -> float:
        return shown.confidence(self.forecast)

    @property
    def baseline_here(self) -> float:
        return float(getattr(self.baseline, self.favoured))

    @property
    def verdict(self) -> str:
        return shown.verdict(self.forecast)

    @property
    def came(self) -> str:
        found = self.outcome
        return (
            "" if found is None or found.outcome_class is None else horizons.CLASS_NAMES[found.outcome_class]
        )

    @property
    def gain(self) -> float | None:
        """By how much the log score was better than the baseline's."""
        found = self.outcome
        if found is None or found.log_score is None or found.baseline_log_score is None:
            return None
        return found.baseline_log_score - found.log_score

    @property
    def moved_percent(self) -> float | None:
        found = self.outcome
        return None if found is None or found.log_return is None else math.expm1(found.log_return) * 100

    @property
    def band_percent(self) -> float:
        return self.forecast.sideways_band * 100

    @property
    def late_seconds(self) -> float:
        return (self.forecast.made_at - self.forecast.as_of).total_seconds()

    @property
    def strip(self) -> SafeString:
        said, found = self.forecast, self.outcome
        spread = Range(said.reference_price, said.p10, said.p50, said.p90, said.sideways_band)
        told = f"p10 {said.p10:g}, p50 {said.p50:g}, p90 {said.p90:g}, from {said.reference_price:g} USD."
        ended = found.price if found else None
        if ended is not None:
            told += f" It ended at {ended:g} USD."
        drawn = range_strip(spread, title="Range", description=told, width=480, height=40, ended=ended)
        return mark_safe(drawn)  # noqa: S308  # core.drawing escapes every text and attribute

    @property
    def state(self) -> str:
        """In one word, for a badge."""
        return self.verdict


def forecasts_page(request: HttpRequest) -> HttpResponse:
    now = market_now()
    engines = sorted({version.engine for version in engine_versions()})
    asked = asked_of(request.GET, engines, now)
    order, state = request.GET.get("order") or "newest", request.GET.get("state", "")
    if order not in ORDERS or (state and state not in STATES):
        raise BadRequest(f"order: choose one of {', '.join(ORDERS)}; state: one of {', '.join(STATES)}.")
    try:
        page = single_forecasts(request, asked.of_one_timeframe, order=order, state=state)
    except BadInput as error:
        raise BadRequest(str(error)) from error
    context = {
        **choices(asked, engines),
        "page": page,
        "rows": [Single(forecast) for forecast in page.items],
        "keep": _kept(order, state),
        "order": order,
        "state": state,
        "orders": ORDERS_SHOWN,
        "states": STATES_SHOWN,
        "now": now,
    }
    return render(request, "predictions/forecasts.html", context)


def _kept(order: str, state: str) -> str:
    """What the links of timeframe and period carry on beside the filters."""
    kept = {"order": order if order != "newest" else "", "state": state}
    return "".join(f"&{name}={value}" for name, value in kept.items() if value)


def forecast_page(request: HttpRequest, forecast_id: int) -> HttpResponse:
    try:
        found = single_forecast(forecast_id)
    except NotFound as error:
        raise Http404("There is no such forecast.") from error
    now = market_now()
    return render(request, "predictions/forecast.html", {**_whole(found, now), "now": now})


def _whole(found: Forecast, now: datetime) -> dict[str, Any]:
    outcome = getattr(found, "outcome", None)
    return {
        "one": Single(found),
        "forecast": found,
        "outcome": outcome,
        "token": found.token,
        "engine_version": found.engine_version,
        "is_over": found.matures_at <= now,
        "link": found.link,
        "outcome_link": outcome.link if outcome else None,
    }
