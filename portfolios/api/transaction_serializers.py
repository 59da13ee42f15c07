"""What the calls on transactions take and answer, field by field."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from core.api.fields import OneOf, PlainText, StrictDecimal, StrictInteger, UtcDateTime
from core.api.pagination import MOST_ITEMS, USUAL_ITEMS
from core.api.query import QuerySerializer
from core.api.schema import example
from core.lib.amount_column import DIGITS, PLACES
from portfolios.accounting.market_worth import Part
from portfolios.models import Transaction
from portfolios.models.transaction import MOST_ASSET

KINDS, ORIGINS = Transaction.TransactionKind.values, Transaction.Origin.values
_ASSET = "A CoinGecko id, or a ticker: then the token of the best rank that has it."
_MONEY = " Empty, or `USD`, is US dollars."


def amount(words: str, **options: Any) -> StrictDecimal:
    options = {"required": False, "allow_null": True, "min_value": 0, **options}
    return StrictDecimal(max_digits=DIGITS, decimal_places=PLACES, help_text=words, **options)


def asset(words: str, **options: Any) -> PlainText:
    return PlainText(max_length=MOST_ASSET, help_text=words, **options)


class TransactionFields(serializers.Serializer[dict[str, Any]]):
    """What may be said of any transaction, and changed later."""

    price_usd = amount("Dollars for one; left out where nobody knows.")
    quote_asset = asset(f"What was paid with, or got. {_ASSET}{_MONEY}", required=False, allow_blank=True)
    quote_quantity = amount("How much of it.")
    fee_asset = asset(f"{_ASSET}{_MONEY}", required=False, allow_blank=True)
    fee_quantity = amount("Beside the price.", allow_null=False)
    fee_usd = amount("What the fee was worth in dollars, where it was paid in something else.")
    note = PlainText(required=False, allow_blank=True, max_length=200)


@example(
    {
        "kind": "buy",
        "executed_at": "2026-11-02T09:30:00Z",
        "asset": "SOL",
        "quantity": "12.5",
        "price_usd": "148.20",
        "fee_quantity": "1.85",
    }
)
class TransactionInput(TransactionFields):
    kind = OneOf(KINDS)
    executed_at = UtcDateTime()
    asset = asset(_ASSET)
    quantity = amount("Above zero; the kind says which way it went.", required=True, allow_null=False)
    external_id = PlainText(
        required=False, allow_blank=True, max_length=160, help_text="Your own name for it; booked once (409)."
    )


@example({"quantity": "12.6", "note": "as on the receipt"})
class TransactionChanges(TransactionFields):
    kind = OneOf(KINDS, required=False)
    executed_at = UtcDateTime(required=False)
    asset = asset(_ASSET, required=False)
    quantity = amount("Above zero.", allow_null=False)
    external_id = PlainText(required=False, allow_blank=True, max_length=160)


class TransactionQuery(QuerySerializer):
    kind = OneOf(KINDS, required=False)
    asset = asset("Also where it was paid with, or paid as a fee.", required=False)
    origin = OneOf(ORIGINS, required=False)
    vars()["from"] = UtcDateTime(required=False)
    to = UtcDateTime(required=False, help_text="Up to, and without, this moment.")
    limit = StrictInteger(default=USUAL_ITEMS, min_value=1, max_value=MOST_ITEMS)


class MarketWorthOutput(serializers.Serializer[Any]):
    part = serializers.ChoiceField(
        [part.value for part in Part], help_text="What was traded or earned, all of it, or the fee."
    )
    worth_usd = serializers.CharField(help_text="Quantity times price.")
    asset = serializers.CharField(help_text="The side whose price tells it.")
    symbol = serializers.CharField()
    quantity = serializers.CharField()
    price_usd = serializers.CharField()
    closed_at = UtcDateTime(help_text="When the candle closed whose close it is: at or before `executed_at`.")
    interval_seconds = serializers.IntegerField()
    vars()["source"] = serializers.CharField()  # the base class has another one


class TransactionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    portfolio_id = serializers.UUIDField()
    kind = serializers.ChoiceField(KINDS)
    executed_at = UtcDateTime()
    asset = serializers.CharField()
    symbol = serializers.CharField()
    quantity = serializers.CharField()
    price_usd = serializers.CharField(allow_null=True)
    quote_asset = serializers.CharField(allow_blank=True, help_text="Empty is US dollars.")
    quote_quantity = serializers.CharField(allow_null=True)
    fee_asset = serializers.CharField(allow_blank=True, help_text="Empty is US dollars.")
    fee_quantity = serializers.CharField()
    fee_usd = serializers.CharField(allow_null=True)
    valued_at_market = MarketWorthOutput(
        many=True, help_text="Worths that nobody stated, by stored closes; what is stated counts instead."
    )
    pair_id = serializers.UUIDField(
        allow_null=True, help_text="The other end of a transfer between own portfolios."
    )
    note = serializers.CharField(allow_blank=True)
    origin = serializers.ChoiceField(ORIGINS)
    external_id = serializers.CharField(allow_blank=True)
    created_at = UtcDateTime()
    changed_at = UtcDateTime()


def named_assets(asked: Mapping[str, Any]) -> list[str]:
    return [asked[name] for name in ("asset", "quote_asset", "fee_asset") if asked.get(name)]
