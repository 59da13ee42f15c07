"""What a valued portfolio looks like in a reply."""

from typing import Any

from rest_framework import serializers

from core.api.fields import UtcDateTime
from portfolios.api.serializers import PortfolioOutput


def amount(words: str = "", *, known: bool = False) -> serializers.CharField:
    """A decimal as text; null where nobody knows, unless it always is known."""
    return serializers.CharField(allow_null=not known, help_text=words)


class HoldingOutput(serializers.Serializer[Any]):
    asset = serializers.CharField(help_text="CoinGecko id, or the ticker of no token that is followed.")
    symbol = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    quantity = amount(known=True)
    short = amount("What went out without ever having come in: history that is missing.", known=True)
    price_usd = serializers.FloatField(allow_null=True)
    observed_at = UtcDateTime(allow_null=True)
    vars()["source"] = serializers.CharField(allow_null=True)  # the base class has another one
    freshness = serializers.ChoiceField(["live", "stale"], allow_null=True)
    value_usd = amount()
    share_percent = serializers.FloatField(allow_null=True, help_text="Of all that could be valued.")
    cost_usd = amount("Of what is left; null where the cost of any of it is unknown.")
    cost_known_usd = amount("Of the part whose cost is known.", known=True)
    quantity_of_unknown_cost = amount(known=True)
    average_cost_usd = amount("For one, of the part whose cost is known.")
    unrealised_usd = amount("Null where the cost of any of it, or the price, is unknown.")
    unrealised_known_usd = amount("Of the part whose cost is known.")
    realised_usd = amount("Null where the cost or the price of something sold is unknown.")
    realised_known_usd = amount(known=True)
    proceeds_of_unknown_cost_usd = amount(known=True)
    cost_of_unknown_proceeds_usd = amount(known=True)
    income_usd = amount("Rewards and airdrops, at their worth when they came.", known=True)
    fees_usd = amount(known=True)
    day_change_usd = amount("Of what is held now; null without a live price.")
    day_change_percent = serializers.FloatField(allow_null=True)


class PortfolioTotalsOutput(serializers.Serializer[Any]):
    value_usd = amount("Of what has a price; null where nothing has one.")
    value_of_stale_usd = amount("How much of it is at prices that are old.", known=True)
    cost_usd = amount("Null where the cost of anything is unknown.")
    cost_known_usd = amount(known=True)
    unrealised_usd = amount()
    unrealised_known_usd = amount()
    realised_usd = amount()
    realised_known_usd = amount(known=True)
    income_usd = amount(known=True)
    fees_usd = amount(known=True)
    day_change_usd = amount("Of what has a live price.")
    day_change_percent = serializers.FloatField(allow_null=True)
    observed_at = UtcDateTime(allow_null=True, help_text="Of the oldest price in it.")
    unpriced = serializers.ListField(child=serializers.CharField(), help_text="Not in the value.")
    stale = serializers.ListField(child=serializers.CharField())
    of_unknown_cost = serializers.ListField(child=serializers.CharField())
    short = serializers.ListField(child=serializers.CharField())
    left_out = serializers.ListField(
        child=serializers.CharField(), help_text="The same in plain sentences, for people."
    )


class ValuedPortfolioOutput(PortfolioOutput):
    value = PortfolioTotalsOutput()
    holdings = HoldingOutput(many=True)
    past_holdings = HoldingOutput(many=True, help_text="Held no longer; their realised profit still counts.")
