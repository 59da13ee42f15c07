"""What these paths answer, field by field, as the OpenAPI document shows it.

Replies are made in `shown`, which says the same; a test holds both together.
"""

from typing import Any

from rest_framework import serializers

from core.api.fields import FiniteFloat, UtcDateTime

Output = serializers.Serializer[Any]
FRESHNESS = ("live", "stale")


def _perhaps() -> FiniteFloat:
    """A market figure that its source may not have."""
    return FiniteFloat(allow_null=True)


class ObservedOutput(Output):
    """When the world was so, who said it, and whether that is fresh enough to act on."""

    observed_at = UtcDateTime(allow_null=True)
    vars()["source"] = serializers.CharField(allow_null=True)  # the base class has another one
    freshness = serializers.ChoiceField(FRESHNESS)


class SolanaOutput(ObservedOutput):
    symbol = serializers.CharField()
    name = serializers.CharField()
    price_usd = FiniteFloat()
    price_btc = _perhaps()
    volume_24h = _perhaps()
    market_cap = _perhaps()
    price_change_24h = _perhaps()
    price_change_percentage_24h = _perhaps()
    circulating_supply = _perhaps()
    total_supply = _perhaps()
    max_supply = _perhaps()
    sparkline_data = serializers.ListField(child=FiniteFloat(allow_null=True), max_length=168)
    last_updated = UtcDateTime()
    market_observed_at = UtcDateTime(
        allow_null=True, help_text="Of volume, cap and supplies, where the price is newer than these."
    )
    market_source = serializers.CharField(allow_null=True, help_text="Whose they are.")


class TrendingTokenOutput(ObservedOutput):
    id = serializers.CharField()
    symbol = serializers.CharField()
    name = serializers.CharField()
    current_price = _perhaps()
    market_cap_rank = serializers.IntegerField(allow_null=True)
    market_cap = _perhaps()
    total_volume = _perhaps()
    price_change_percentage_24h = _perhaps()
    social_score = _perhaps()
    category = serializers.CharField(allow_null=True)


class TrendingMetaOutput(ObservedOutput):
    total_count = serializers.IntegerField()
    timestamp = UtcDateTime(allow_null=True)


class TrendingOutput(Output):
    tokens = TrendingTokenOutput(many=True)
    meta = TrendingMetaOutput()


class CandleOutput(Output):
    """A series of CoinGecko's points has closes alone."""

    time = UtcDateTime(help_text="When it opened.")
    open = _perhaps()
    high = _perhaps()
    low = _perhaps()
    close = FiniteFloat()
    volume = FiniteFloat(allow_null=True, help_text="In the token.")


class PointField(serializers.ListField):
    """[milliseconds since 1970, value]"""

    child = FiniteFloat()


class HistoryOutput(ObservedOutput):
    symbol = serializers.CharField()
    id = serializers.CharField()
    prices = serializers.ListField(child=PointField(min_length=2, max_length=2))
    volumes = serializers.ListField(child=PointField(min_length=2, max_length=2))
    market_caps = serializers.ListField(child=PointField(min_length=2, max_length=2))


class StreamOutput(Output):
    """The live stream of an exchange; while it is closed, prices come by polls."""

    state = serializers.ChoiceField(("open", "closed"))
    since = UtcDateTime(allow_null=True, help_text="When it was opened, or lost.")
    last_message_at = UtcDateTime(allow_null=True)
    reconnects = serializers.IntegerField(help_text="Ever.")
    refused = serializers.IntegerField(help_text="Messages that made no sense, ever.")


class SourceOutput(ObservedOutput):
    """`observed_at` and `freshness` are of the newest data that it delivered."""

    name = serializers.CharField()
    state = serializers.ChoiceField(("closed", "open", "half_open"))
    failures = serializers.IntegerField(help_text="In a row.")
    last_success_at = UtcDateTime(allow_null=True)
    last_error_at = UtcDateTime(allow_null=True)
    last_error_class = serializers.CharField(allow_null=True)
    retry_at = UtcDateTime(allow_null=True)
    refused = serializers.IntegerField(help_text="Rows and replies that made no sense, ever.")
    requests_left = serializers.IntegerField(allow_null=True, help_text="Null where nothing bounds them.")
    stream = StreamOutput(allow_null=True, help_text="Null where the source has none that is listened to.")
