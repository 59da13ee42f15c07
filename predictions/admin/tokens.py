"""Adds forecasting to the staff's list of tokens, which the market below owns."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin.deeds import note_deed
from core.lib.clock import market_now
from markets.admin import TokenAdmin
from markets.models import Token
from predictions import tasks


class ForecastTokenAdmin(TokenAdmin):
    """The market's own list with one more action."""

    actions = (*TokenAdmin.actions, "forecast_again")

    @admin.action(description="Re-forecast now")
    def forecast_again(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        """One run serves every token; those chosen get their forecast with the others."""
        with transaction.atomic():
            note_deed(request, f"forecasts asked for, for {queryset.count()} tokens")
            tasks.forecast_now(market_now())
        messages.success(
            request, f"A run is queued; {queryset.count()} chosen tokens get what they are missing."
        )


admin.site.unregister(Token)
admin.site.register(Token, ForecastTokenAdmin)
