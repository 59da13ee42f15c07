"""What may stand behind the `?` of these paths, with its defaults."""

from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers

from core.api.fields import OneOf, PlainText, StrictInteger, UtcDateTime
from core.api.query import QuerySerializer
from markets.candles.intervals import interval_name
from markets.models import Token
from markets.selectors.history import INTERVALS
from markets.selectors.tokens import token_for

INTERVAL_NAMES = tuple(interval_name(interval) for interval in INTERVALS)
MOST_CANDLES, USUAL_CANDLES = 1000, 200
MOST_DAYS = 730
MOST_TRENDING = 50
EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)


class TokenQuery(QuerySerializer):
    id = PlainText(required=False, max_length=128, help_text="A CoinGecko id, where tokens share the ticker.")


class CandlesQuery(TokenQuery):
    interval = OneOf(INTERVAL_NAMES, default="1h")
    limit = StrictInteger(default=USUAL_CANDLES, min_value=1, max_value=MOST_CANDLES)
    vars()["from"] = UtcDateTime(
        required=False, help_text="Candles that open at this time or later, the first `limit` of them."
    )  # a reserved word
    to = UtcDateTime(required=False, help_text="Candles that had closed by this time; now if left out.")

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        since, until = attributes.get("from"), attributes.get("to")
        if since and until and since >= until:
            raise serializers.ValidationError({"from": "Write a time before `to`."})
        if since:
            attributes["from"] = max(since, EARLIEST)
        return attributes


class HistoryQuery(TokenQuery):
    days = StrictInteger(default=30, min_value=1, max_value=MOST_DAYS)


class TrendingQuery(QuerySerializer):
    limit = StrictInteger(default=10, min_value=1, max_value=MOST_TRENDING)
    category = OneOf(Token.Category.values, required=False)
    scope = OneOf(
        ("solana", "all"), default="solana", help_text="`all` shows every token, also those not followed."
    )


def token_of(symbol: str, asked: dict[str, Any]) -> Token:
    """The token that a path names; `?id=` picks one where tokens share the ticker."""
    return token_for(symbol, asked.get("id"))
