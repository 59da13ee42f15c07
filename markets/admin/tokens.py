"""The registry: add a token with four fields, switch it off, fetch it again."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from unfold.admin import ModelAdmin

from core.admin.deeds import changed, note_deed
from core.lib.clock import market_now
from markets.freshness import quote_freshness
from markets.models import Candle, Token
from markets.services.registration import fetch_again, forget_replies, set_active

_HOUR = 3600


@admin.register(Token)
class TokenAdmin(ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """A token is never deleted: its forecasts are on the record. It is deactivated instead."""

    list_display = (
        "symbol",
        "name",
        "category",
        "rank",
        "active",
        "price",
        "price_age",
        "candles_since",
        "newest_candle",
        "candle_source",
        "page",
    )
    list_filter = ("active", "category", "solana", "candle_source", "candles_complete")
    search_fields = ("symbol", "name", "coingecko_id", "mint")
    search_help_text = "Symbol, name, CoinGecko id or mint address"
    ordering = ("rank", "symbol")
    list_select_related = ("latest",)
    actions: tuple[str, ...] = ("activate", "deactivate", "fetch_again")
    readonly_fields = (
        "rank",
        "image_url",
        "candle_source",
        "candles_from",
        "candles_complete",
        "details_at",
        "created_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Token]:
        hourly = Candle.objects.filter(token=OuterRef("pk"), interval=_HOUR).order_by("-open_time")
        newest = Subquery(hourly.values("open_time")[:1], output_field=DateTimeField())
        found: QuerySet[Token] = super().get_queryset(request)
        return found.annotate(newest_open=newest)

    def get_fields(self, request: HttpRequest, obj: Token | None = None) -> Any:
        if obj is None:
            return ("coingecko_id", "symbol", "name", "category")
        return (
            ("coingecko_id", "symbol", "name"),
            ("category", "solana", "active"),
            ("mint", "binance_symbol", "image_url"),
            ("rank", "candle_source", "candles_from", "candles_complete"),
            ("description", "links", "details_at", "created_at"),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Token | None = None) -> Any:
        return self.readonly_fields if obj is None else ("coingecko_id", *self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Token, form: Any, change: bool) -> None:
        obj.symbol = obj.symbol.strip().upper()
        obj.coingecko_id = obj.coingecko_id.strip()
        super().save_model(request, obj, form, change)
        note_deed(request, changed(form.changed_data) if change else f"added {obj.coingecko_id}", obj)
        forget_replies()

    @admin.display(description="Price (USD)", ordering="latest__price_usd")
    def price(self, token: Token) -> str:
        return f"{token.latest.price_usd:.8g}" if hasattr(token, "latest") else "–"

    @admin.display(description="Age", ordering="latest__observed_at")
    def price_age(self, token: Token) -> str:
        if not hasattr(token, "latest"):
            return "no price"
        now, seen = market_now(), token.latest.observed_at
        return f"{_age(seen, now)} ({quote_freshness(seen, now)})"

    @admin.display(description="Candles since", ordering="candles_from")
    def candles_since(self, token: Token) -> str:
        if token.candles_from is None:
            return "none" + (" at its source" if token.candles_complete else "")
        return f"{token.candles_from:%Y-%m-%d}" + (
            " (all)" if token.candles_complete else " (back-fill goes on)"
        )

    @admin.display(description="Newest 1h candle", ordering="newest_open")
    def newest_candle(self, token: Any) -> str:
        if token.newest_open is None:
            return "–"
        return f"closed {_age(token.newest_open + timedelta(seconds=_HOUR), market_now())} ago"

    @admin.display(description="Page")
    def page(self, token: Token) -> SafeString:
        return format_html('<a href="{}">what users see</a>', token.get_absolute_url())

    @admin.action(description="Follow again")
    def activate(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        self._switch(request, queryset, True)

    @admin.action(description="Deactivate")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        self._switch(request, queryset, False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Token], active: bool) -> None:
        with transaction.atomic():
            switched = set_active(list(queryset.values_list("pk", flat=True)), active=active)
            for token in switched:
                note_deed(request, f"{token}: {'followed' if active else 'not followed'}", token)
                self.log_change(request, token, f"active: {active}")
        messages.success(request, f"{len(switched)} tokens are now {'followed' if active else 'inactive'}.")

    @admin.action(description="Re-fetch price, candles and details")
    def fetch_again(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        tokens = list(queryset)
        with transaction.atomic():
            for token in tokens:
                note_deed(request, f"{token}: to be fetched again", token)
                self.log_change(request, token, "fetch again")
            fetch_again([token.pk for token in tokens])
        messages.success(request, f"{len(tokens)} tokens are queued to be fetched again.")


def _age(seen: datetime, now: datetime) -> str:
    return timesince(seen, now) if seen < now else "0 minutes"
