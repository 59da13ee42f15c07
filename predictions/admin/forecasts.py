"""Forecasts and outcomes: what was said and what came, newest first, for reading alone."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from unfold.decorators import action

from core.admin import ReadOnlyAdmin
from core.lib.errors import ArtifactRefused
from predictions.models import Forecast, Outcome
from predictions.selectors.shown import CLASSES
from predictions.services.replaying import CannotReplay, compare


@admin.register(Forecast)
class ForecastAdmin(ReadOnlyAdmin):
    list_display = (
        "as_of",
        "token",
        "timeframe",
        "engine_version",
        "probabilities",
        "risk_level",
        "published",
        "late",
        "fallback",
        "came",
    )
    list_filter = ("timeframe", "published", "late", "fallback", "engine_version__engine")
    search_fields = ("token__symbol__iexact", "token__coingecko_id__iexact")
    list_select_related = ("token", "engine_version", "outcome")
    ordering = ("-as_of", "-id")
    date_hierarchy = None
    actions_detail = ("make_again",)

    @admin.display(description="up · down · sideways")
    def probabilities(self, forecast: Forecast) -> str:
        return " · ".join(f"{part / 10_000:.2f}" for part in (forecast.up, forecast.down, forecast.sideways))

    @admin.display(description="came")
    def came(self, forecast: Forecast) -> str:
        outcome: Outcome | None = getattr(forecast, "outcome", None)
        return _came(outcome)

    @action(description="Make it again", url_path="make-again", icon="replay")  # type: ignore[untyped-decorator]
    def make_again(self, request: HttpRequest, object_id: str) -> HttpResponseRedirect:
        """From its stored inputs; says whether the same numbers come out."""
        known = Forecast.objects.select_related("inputs", "engine_version")
        forecast = get_object_or_404(known, pk=object_id)
        try:
            told = [
                f"{one.field}: stored {one.stored}, made again {one.replayed}"
                for one in compare(forecast)
                if not one.same
            ]
        except (CannotReplay, ArtifactRefused) as error:
            told = [f"It cannot be made again: {error}"]
        for line in told:
            messages.error(request, line)
        if not told:
            messages.success(request, "Made again from its stored inputs: the same numbers, to the last bit.")
        return redirect("admin:predictions_forecast_change", forecast.pk)

    def view_on_site(self, forecast: Forecast) -> str:
        return forecast.token.get_absolute_url()


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = (
        "resolved_at",
        "forecast",
        "came",
        "price",
        "log_score",
        "baseline_log_score",
        "inside_range",
        "void",
    )
    list_filter = ("void", "outcome_class", "inside_range")
    search_fields = ("forecast__token__symbol__iexact",)
    ordering = ("-resolved_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(request)
        return queryset.select_related("forecast__token")

    @admin.display(description="came")
    def came(self, outcome: Outcome) -> str:
        return _came(outcome)


def _came(outcome: Outcome | None) -> str:
    if outcome is None:
        return "–"
    if outcome.void or outcome.outcome_class is None:
        return f"void: {outcome.void_reason}"
    return CLASSES[outcome.outcome_class]
