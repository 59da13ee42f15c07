"""The newest quotes and the trending snapshots, as they came."""

from django.contrib import admin

from markets.admin.read_only import ReadOnlyAdmin
from markets.models import LatestQuote, TrendingToken


@admin.register(LatestQuote)
class LatestQuoteAdmin(ReadOnlyAdmin):
    list_display = (
        "token",
        "price_usd",
        "change_percentage_24h",
        "volume_24h",
        "observed_at",
        "source",
        "streamed",
    )
    list_select_related = ("token",)
    search_fields = ("token__symbol", "token__coingecko_id")
    list_filter = ("source", "token__category")
    ordering = ("observed_at",)  # the oldest price is why somebody comes here


@admin.register(TrendingToken)
class TrendingTokenAdmin(ReadOnlyAdmin):
    list_display = ("observed_at", "rank", "symbol", "name", "price_usd", "market_cap_rank", "source")
    search_fields = ("symbol", "coingecko_id")
    ordering = ("-observed_at", "rank")
