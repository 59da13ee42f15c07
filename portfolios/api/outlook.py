"""What a portfolio tells beyond its figures: how it is spread, what moves as one, and what forecasts mean for it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import signed_in
from core.api.envelope import answer
from core.api.fields import UtcDateTime
from core.api.permissions import Confirmed
from core.lib.clock import market_now
from portfolios.selectors.portfolios import portfolio_of
from portfolios.selectors.shown_outlook import outlook_shown
from portfolios.selectors.valuing import valuation
from predictions.horizons import TIMEFRAMES

Output = serializers.Serializer[Any]


class OutlookWeightOutput(Output):
    asset = serializers.CharField()
    symbol = serializers.CharField()
    value_usd = serializers.CharField()
    share = serializers.FloatField(help_text="0 to 1, of what could be valued.")


class OutlookSliceOutput(Output):
    name = serializers.CharField()
    value_usd = serializers.CharField()
    share = serializers.FloatField()


class OutlookConcentrationOutput(Output):
    largest = serializers.CharField()
    largest_share = serializers.FloatField()
    largest_limit = serializers.FloatField(help_text="A larger share is warned of.")
    herfindahl = serializers.FloatField(help_text="Sum of squared shares: 1 where all lies in one token.")
    herfindahl_limit = serializers.FloatField()
    equal_parts = serializers.FloatField(help_text="So many equal parts would be as concentrated.")


class OutlookGroupOutput(Output):
    symbols = serializers.ListField(child=serializers.CharField())
    share = serializers.FloatField()
    least_correlation = serializers.FloatField(help_text="Of any two of them.")


class OutlookCorrelationOutput(Output):
    days = serializers.IntegerField()
    limit = serializers.FloatField(help_text="From here on two tokens are said to move as one.")
    symbols = serializers.ListField(child=serializers.CharField())
    matrix = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)),
        help_text="Of daily log returns, in the order of `symbols`; null with fewer than 30 days in common.",
    )
    groups = OutlookGroupOutput(many=True)


class OutlookRangeOutput(Output):
    p10_usd = serializers.CharField()
    p50_usd = serializers.CharField()
    p90_usd = serializers.CharField()


class OutlookLeftOutOutput(Output):
    symbol = serializers.CharField()
    share = serializers.FloatField()
    reason = serializers.CharField()


class OutlookHorizonOutput(Output):
    timeframe = serializers.ChoiceField([timeframe.name for timeframe in TIMEFRAMES])
    range = OutlookRangeOutput(
        allow_null=True, help_text="Of the covered part, as the current forecasts have it."
    )
    baseline = OutlookRangeOutput(allow_null=True, help_text="Of the same part, as history alone has it.")
    covered_usd = serializers.CharField(help_text="What the covered part is worth now.")
    covered_share = serializers.FloatField()
    left_out = OutlookLeftOutOutput(many=True)
    observed_at = UtcDateTime(allow_null=True, help_text="Of the oldest forecast in it.")


class OutlookOutput(Output):
    value_usd = serializers.CharField(allow_null=True)
    observed_at = UtcDateTime(allow_null=True, help_text="Of the oldest price in it.")
    unpriced = serializers.ListField(child=serializers.CharField(), help_text="Held, but without a price.")
    stale = serializers.ListField(child=serializers.CharField(), help_text="Counted at an old price.")
    tokens = OutlookWeightOutput(many=True)
    categories = OutlookSliceOutput(many=True)
    concentration = OutlookConcentrationOutput(allow_null=True)
    correlation = OutlookCorrelationOutput()
    warnings = serializers.ListField(child=serializers.CharField())
    horizons = OutlookHorizonOutput(many=True)


class PortfolioOutlook(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="portfolio_outlook", responses={200: OutlookOutput})
    def get(self, request: Request, portfolio_id: UUID) -> Response:
        """Allocation, concentration, correlation, and the range of value that the current forecasts mean, beside what
        history alone says."""
        portfolio = portfolio_of(signed_in(request).id, portfolio_id)
        now = market_now()
        return answer(outlook_shown(valuation(portfolio, now), now))
