"""Tables of the market: who the tokens are, what they cost, how they traded, and how their sources fare."""

from markets.models.candle import Candle
from markets.models.quote import LatestQuote, Quote
from markets.models.source_state import ProviderCalls, RefusedReply, SourceState
from markets.models.token import Token
from markets.models.trending import TrendingToken

__all__ = [
    "Candle",
    "LatestQuote",
    "ProviderCalls",
    "Quote",
    "RefusedReply",
    "SourceState",
    "Token",
    "TrendingToken",
]
