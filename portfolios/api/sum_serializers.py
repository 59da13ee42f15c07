"""What the sum behind a holding's figures looks like in a reply."""

from typing import Any

from rest_framework import serializers

from core.api.fields import OneOf, StrictInteger, UtcDateTime
from core.api.query import QuerySerializer
from portfolios.accounting.movements import Way
from portfolios.api.serializers import METHODS
from portfolios.api.transaction_serializers import KINDS, MarketWorthOutput
from portfolios.api.value_serializers import HoldingOutput, amount

MOST_TERMS, USUAL_TERMS = 200, 50


class SumQuery(QuerySerializer):
    method = OneOf(METHODS, required=False, help_text="Another than the portfolio’s own.")
    page = StrictInteger(
        default=1, min_value=1, max_value=100_000, help_text="The newest terms are on page 1."
    )
    limit = StrictInteger(
        default=USUAL_TERMS, min_value=1, max_value=MOST_TERMS, help_text="Terms of each sum on a page."
    )


class TermOutput(serializers.Serializer[Any]):
    transaction_id = serializers.UUIDField(
        allow_null=True, help_text="Null: what went out without ever having come in."
    )
    kind = serializers.ChoiceField(KINDS, allow_null=True)
    executed_at = UtcDateTime(allow_null=True)
    price_usd = amount("As booked.")
    valued_at_market = MarketWorthOutput(many=True, help_text="Worths that nobody stated, by stored closes.")


class QuantityTermOutput(TermOutput):
    at = UtcDateTime(allow_null=True)
    way = serializers.ChoiceField([way.value for way in Way], allow_null=True)
    amount = amount("Below zero where it went out.", known=True)


class LotOutput(serializers.Serializer[Any]):
    opened_by = serializers.UUIDField(help_text="The transaction that brought it.")
    acquired_at = UtcDateTime(help_text="First acquired, before any transfer.")
    quantity = amount(known=True)
    cost_usd = amount("All of it, fees included.")


class UseOutput(serializers.Serializer[Any]):
    transaction_id = serializers.UUIDField()
    quantity = amount(known=True)
    cost_usd = amount()
    is_moved = serializers.BooleanField()


class CostTermOutput(TermOutput):
    opened_by = serializers.UUIDField()
    acquired_at = UtcDateTime()
    quantity = amount("As it came in.", known=True)
    cost_usd = amount("All of it, fees included.")
    used = amount(known=True)
    remaining = amount(known=True)
    amount = amount("Cost of what remains.")
    parts_valued_at_market = serializers.IntegerField(help_text="So many parts have a cost valued at market.")
    parts = LotOutput(
        many=True, help_text="More than one where average cost is counted: what joined the pool."
    )
    uses = UseOutput(many=True)


class RealisedTermOutput(TermOutput):
    quantity = amount(known=True)
    proceeds_usd = amount("After fees.")
    cost_usd = amount()
    amount = amount("Proceeds less cost.")
    cost_is_valued_at_market = serializers.BooleanField()
    acquired_at = UtcDateTime(allow_null=True)
    opened_by = serializers.UUIDField(allow_null=True)


class WorthTermOutput(TermOutput):
    asset = serializers.CharField(allow_blank=True, help_text="Empty is US dollars.")
    quantity = amount(known=True)
    amount = amount("At its worth in dollars.")


class LeftOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    total = serializers.CharField()


class SumOutput(serializers.Serializer[Any]):
    total = serializers.CharField(help_text="Earlier, the terms here, and later together.")
    count = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="Terms without an amount, left out of the total.")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    earlier = LeftOutput()
    later = LeftOutput()


class QuantitySumOutput(SumOutput):
    terms = QuantityTermOutput(many=True)


class CostSumOutput(SumOutput):
    terms = CostTermOutput(many=True)


class RealisedSumOutput(SumOutput):
    terms = RealisedTermOutput(many=True)


class WorthSumOutput(SumOutput):
    terms = WorthTermOutput(many=True)


class SumsOutput(serializers.Serializer[Any]):
    quantity = QuantitySumOutput()
    cost = CostSumOutput()
    realised = RealisedSumOutput()
    fees = WorthSumOutput()
    income = WorthSumOutput()


class ComparedOutput(serializers.Serializer[Any]):
    method = serializers.ChoiceField(METHODS)
    is_own = serializers.BooleanField(help_text="Whether the portfolio counts by it.")
    cost_known_usd = amount(known=True)
    quantity_of_unknown_cost = amount(known=True)
    unrealised_usd = amount()
    realised_known_usd = amount(known=True)
    together_usd = amount("Realised and unrealised: the same by each method, unless lots moved elsewhere.")
    realised_difference_usd = amount("Against the portfolio’s own method.", known=True)


class OpenedHoldingOutput(serializers.Serializer[Any]):
    method = serializers.ChoiceField(METHODS, help_text="By which the sums are counted.")
    is_current = serializers.BooleanField()
    holding = HoldingOutput()
    sums = SumsOutput()
    methods = ComparedOutput(many=True)
