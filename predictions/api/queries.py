"""What may stand behind the `?` of these paths, with its defaults."""

from typing import Any

from rest_framework.request import Request

from core.api.fields import FiniteFloat, OneOf, PlainText, StrictInteger, Symbol, UtcDateTime
from core.api.pagination import PageQuery
from core.api.query import QuerySerializer
from markets.models import Token
from markets.selectors.tokens import token_for
from predictions.horizons import TIMEFRAMES
from predictions.selectors.record_detail import REGIMES
from predictions.selectors.record_sums import Filters
from predictions.selectors.screener import FIGURES, ORDERINGS, Screen

TIMEFRAME_NAMES = tuple(timeframe.name for timeframe in TIMEFRAMES)
MOST_FORECASTS = 100
RISKS = ("low", "medium", "high")
_ORDERINGS = tuple(f"{sign}{name}" for name in ORDERINGS for sign in ("", "-"))
BOUNDS = tuple(f"{side}_{name}" for name in FIGURES for side in ("min", "max"))


class TokenQuery(QuerySerializer):
    id = PlainText(required=False, max_length=128, help_text="A CoinGecko id, where tokens share the ticker.")


class ForecastsQuery(TokenQuery):
    timeframe = OneOf(TIMEFRAME_NAMES, default="1h")
    limit = StrictInteger(default=1, min_value=1, max_value=MOST_FORECASTS)


class SummaryQuery(QuerySerializer):
    timeframe = OneOf(TIMEFRAME_NAMES, default="1h")
    category = OneOf(Token.Category.values, required=False)


class RecordQuery(QuerySerializer):
    timeframe = OneOf(TIMEFRAME_NAMES, required=False, help_text="All if left out.")
    symbol = Symbol(required=False, help_text="All tokens if left out.")
    id = PlainText(required=False, max_length=128, help_text="A CoinGecko id, where tokens share the ticker.")
    model = PlainText(required=False, max_length=24, help_text="The name of an engine, such as climatology.")
    vars()["from"] = UtcDateTime(
        required=False, help_text="Forecasts of this time or later."
    )  # a reserved word
    to = UtcDateTime(required=False, help_text="Forecasts of before this time.")
    regime = OneOf(REGIMES, required=False, help_text="The last day's volatility against the token's usual.")


class TokensQuery(PageQuery):
    timeframe = OneOf(TIMEFRAME_NAMES, default="1h")
    category = OneOf(Token.Category.values, required=False)
    search = PlainText(
        required=False, max_length=100, help_text="Part of symbol, name or id; a mint address."
    )
    risk = OneOf(RISKS, required=False)
    ordering = OneOf(_ORDERINGS, default="rank", help_text="With - before it: backwards.")

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{name: FiniteFloat(required=False) for name in BOUNDS}}


def token_of(symbol: str, asked: dict[str, Any]) -> Token:
    """The token that a path names; `?id=` picks one where tokens share the ticker."""
    return token_for(symbol, asked.get("id"))


def record_filters(asked: dict[str, Any]) -> Filters:
    symbol = asked.get("symbol")
    return Filters(
        token_id=token_of(symbol, asked).pk if symbol else None,
        engine=asked.get("model"),
        since=asked.get("from"),
        until=asked.get("to"),
        regime=asked.get("regime"),
    )


def screen_of(request: Request) -> Screen:
    asked = TokensQuery.read(request)
    return Screen(
        timeframe=asked["timeframe"],
        category=asked.get("category"),
        search=asked.get("search"),
        risk=asked.get("risk"),
        least={name: asked[f"min_{name}"] for name in FIGURES if f"min_{name}" in asked},
        most={name: asked[f"max_{name}"] for name in FIGURES if f"max_{name}" in asked},
        ordering=asked["ordering"],
    )
