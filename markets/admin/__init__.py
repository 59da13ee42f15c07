"""What staff see of the market: the registry, how sources fare, and what was refused."""

from markets.admin.quotes import LatestQuoteAdmin, TrendingTokenAdmin
from markets.admin.read_only import ReadOnlyAdmin
from markets.admin.sources import RefusedReplyAdmin, SourceStateAdmin, StreamStateAdmin
from markets.admin.tokens import TokenAdmin

__all__ = [
    "LatestQuoteAdmin",
    "ReadOnlyAdmin",
    "RefusedReplyAdmin",
    "SourceStateAdmin",
    "StreamStateAdmin",
    "TokenAdmin",
    "TrendingTokenAdmin",
]
