"""Tables of the market: who the tokens are, what they cost, how they traded, and how their sources fare."""

from markets.models.candle import Candle
from markets.models.price_turn import PriceTurn
from markets.models.quote import LatestQuote, Quote
from markets.models.source_state import ProviderCalls, RefusedReply, SourceState
from markets.models.stream_state import StreamState
from markets.models.token import Token
from markets.models.trending import TrendingToken

__all__ = [
    "Candle",
    "LatestQuote",
    "PriceTurn",
    "ProviderCalls",
    "Quote",
    "RefusedReply",
    "SourceState",
    "StreamState",
    "Token",
    "TrendingToken",
]
