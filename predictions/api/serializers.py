"""What these paths take and answer, field by field, as the OpenAPI document shows it.

Replies are rendered from the selectors' typed dictionaries (`selectors.shown`), which say the same; a test
holds both together.
"""

from typing import Any

from rest_framework import serializers

from core.api.fields import FiniteFloat, OneOf, UtcDateTime
from core.api.schema import example
from predictions.api.queries import RISKS, TIMEFRAME_NAMES

Output = serializers.Serializer[Any]
_number = FiniteFloat


def _perhaps() -> FiniteFloat:
    return FiniteFloat(allow_null=True)


@example({"timeframe": "1h"})
class TrainInput(Output):
    timeframe = OneOf(TIMEFRAME_NAMES, required=False)


class TrainOutput(Output):
    job_id = serializers.IntegerField()


class ProbabilitiesOutput(Output):
    probability_up = _number()
    probability_down = _number()
    probability_sideways = _number()


class ObservedOutput(Output):
    observed_at = UtcDateTime(allow_null=True)
    vars()["source"] = serializers.CharField(allow_null=True)  # the base class has another one
    freshness = serializers.ChoiceField(["live", "stale"])


class PriceTargetOutput(Output):
    current = _number()
    upside = _number()
    downside = _number()


class PriceRangeOutput(Output):
    p10 = _number()
    p50 = _number()
    p90 = _number()


class LevelsOutput(Output):
    support_levels = serializers.ListField(child=_number(), max_length=3)
    resistance_levels = serializers.ListField(child=_number(), max_length=3)


class MethodologyOutput(Output):
    indicators_used = serializers.ListField(child=serializers.CharField())
    weighting = serializers.DictField(child=_number())
    model = serializers.CharField()
    model_version = serializers.CharField()


class OutcomeOutput(Output):
    vars()["class"] = serializers.ChoiceField(["up", "down", "sideways"], allow_null=True)  # a reserved word
    price = _perhaps()
    log_return = _perhaps()
    log_score = _perhaps()
    brier = _perhaps()
    void = serializers.BooleanField()
    void_reason = serializers.CharField(allow_blank=True)
    resolved_at = UtcDateTime()


class ForecastOutput(ProbabilitiesOutput, ObservedOutput):
    id = serializers.IntegerField()
    symbol = serializers.CharField()
    coingecko_id = serializers.CharField()
    timeframe = serializers.ChoiceField(TIMEFRAME_NAMES)
    confidence_level = _number()
    trend = serializers.ChoiceField(["bullish", "bearish", "sideways"], allow_null=True)
    baseline = ProbabilitiesOutput()
    sideways_band = _number()
    reference_price = _number()
    price_target = PriceTargetOutput()
    price_range = PriceRangeOutput()
    support_resistance = LevelsOutput()
    risk_level = serializers.ChoiceField(RISKS)
    methodology = MethodologyOutput()
    models_used = serializers.ListField(child=serializers.CharField())
    definitions = serializers.IntegerField()
    late = serializers.BooleanField()
    fallback = serializers.BooleanField()
    timestamp = UtcDateTime()
    expires_at = UtcDateTime()
    matures_at = UtcDateTime()
    outcome = OutcomeOutput(allow_null=True)


class ForecastsMetaOutput(Output):
    model_version = serializers.CharField()
    data_freshness = serializers.CharField(help_text="live or stale")
    total_predictions = serializers.IntegerField()
    average_confidence = _perhaps()


class ForecastsOutput(ObservedOutput):
    symbol = serializers.CharField()
    timeframe = serializers.ChoiceField(TIMEFRAME_NAMES)
    predictions = ForecastOutput(many=True)
    meta = ForecastsMetaOutput()


class SummaryNumbersOutput(ProbabilitiesOutput):
    confidence = _number()
    trend = serializers.ChoiceField(["bullish", "bearish", "sideways"], allow_null=True)


class SummaryRowOutput(ObservedOutput):
    """The nested key is `prediction_` and the timeframe that was asked for."""

    id = serializers.CharField()
    symbol = serializers.CharField()
    name = serializers.CharField()
    current_price = _perhaps()
    quote = ObservedOutput(allow_null=True)
    baseline = ProbabilitiesOutput()
    risk_level = serializers.ChoiceField(RISKS)
    category = serializers.CharField()
    last_updated = UtcDateTime()
    expires_at = UtcDateTime()
    fallback = serializers.BooleanField()

    def get_fields(self) -> dict[str, Any]:
        said = {f"prediction_{name}": SummaryNumbersOutput(required=False) for name in TIMEFRAME_NAMES}
        return {**super().get_fields(), **said}


class TotalsOutput(Output):
    total_tokens = serializers.IntegerField()
    bullish_predictions = serializers.IntegerField()
    bearish_predictions = serializers.IntegerField()
    sideways_predictions = serializers.IntegerField()
    high_confidence_predictions = serializers.IntegerField()
    average_confidence = _perhaps()


class SummaryOutput(Output):
    timeframe = serializers.ChoiceField(TIMEFRAME_NAMES)
    predictions = SummaryRowOutput(many=True)
    summary = TotalsOutput()


class TokenForecastOutput(ProbabilitiesOutput):
    confidence = _number()
    trend = serializers.CharField(allow_null=True)
    baseline = ProbabilitiesOutput()
    observed_at = UtcDateTime()
    expires_at = UtcDateTime()
    vars()["source"] = serializers.CharField()  # the base class has another one
    freshness = serializers.ChoiceField(["live", "stale"])


class TokenRowOutput(ObservedOutput):
    id = serializers.CharField()
    symbol = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField()
    solana = serializers.BooleanField()
    image = serializers.CharField(allow_null=True)
    market_cap_rank = serializers.IntegerField(allow_null=True)
    current_price = _perhaps()
    market_cap = _perhaps()
    total_volume = _perhaps()
    price_change_percentage_1h = _perhaps()
    price_change_percentage_24h = _perhaps()
    price_change_percentage_7d = _perhaps()
    timeframe = serializers.ChoiceField(TIMEFRAME_NAMES)
    prediction = TokenForecastOutput(allow_null=True)
    risk_level = serializers.ChoiceField(RISKS, allow_null=True)


class SocialOutput(Output):
    score = _perhaps()
    mentions = serializers.IntegerField(allow_null=True)


class TokenOutput(ObservedOutput):
    id = serializers.CharField()
    symbol = serializers.CharField()
    name = serializers.CharField()
    mint = serializers.CharField(allow_null=True)
    category = serializers.CharField()
    solana = serializers.BooleanField()
    image = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    links = serializers.DictField()
    others_with_symbol = serializers.ListField(child=serializers.CharField())
    social = SocialOutput()
    market_cap_rank = serializers.IntegerField(allow_null=True)
    price_usd = _perhaps()
    market_cap = _perhaps()
    fully_diluted_valuation = _perhaps()
    volume_24h = _perhaps()
    high_24h = _perhaps()
    low_24h = _perhaps()
    price_change_24h = _perhaps()
    price_change_percentage_1h = _perhaps()
    price_change_percentage_24h = _perhaps()
    price_change_percentage_7d = _perhaps()
    price_change_percentage_30d = _perhaps()
    market_cap_change_24h = _perhaps()
    market_cap_change_percentage_24h = _perhaps()
    circulating_supply = _perhaps()
    total_supply = _perhaps()
    max_supply = _perhaps()
    ath = _perhaps()
    ath_change_percentage = _perhaps()
    ath_date = UtcDateTime(allow_null=True)
    atl = _perhaps()
    atl_change_percentage = _perhaps()
    atl_date = UtcDateTime(allow_null=True)
    last_updated = UtcDateTime(allow_null=True)
    market_observed_at = UtcDateTime(
        allow_null=True, help_text="Of all but price, 24 h high, low and change, where these are newer."
    )
    market_source = serializers.CharField(allow_null=True, help_text="Whose they are.")
    predictions = serializers.DictField(child=ForecastOutput(allow_null=True))
