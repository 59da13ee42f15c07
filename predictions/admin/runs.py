"""Forecast runs: how many were made, how late, who got none and why; and a run by hand."""

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from unfold.decorators import action

from core.admin import ReadOnlyAdmin
from core.admin.deeds import note_deed
from core.lib.clock import market_now
from predictions import tasks
from predictions.models import ForecastRun


@admin.register(ForecastRun)
class ForecastRunAdmin(ReadOnlyAdmin):
    list_display = ("as_of", "timeframe", "forecasts", "tokens", "without", "late", "seconds", "fallback")
    list_filter = ("timeframe",)
    ordering = ("-as_of", "timeframe")
    actions_list = ("run_now",)

    @admin.display(description="got none")
    def without(self, run: ForecastRun) -> str:
        return ", ".join(f"{why.partition(':')[0]} {len(who)}" for why, who in run.abstentions.items()) or "–"

    @action(description="Run forecasts now", url_path="run-now", icon="play_arrow")  # type: ignore[untyped-decorator]
    def run_now(self, request: HttpRequest) -> HttpResponseRedirect:
        """All timeframes at the newest quarter hour; what was made already stays as it is."""
        with transaction.atomic():
            note_deed(request, "forecasts of all timeframes asked for")
            tasks.forecast_now(market_now())
        messages.success(request, "A run of all timeframes is queued; what exists already stays as it is.")
        return redirect("admin:predictions_forecastrun_changelist")
