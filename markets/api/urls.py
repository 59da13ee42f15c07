"""The paths whose replies show market data alone; `market/token/{symbol}` shows forecasts too and lies
above.
"""

from core.api import hot
from core.api.slash import api_path
from markets.api.queries import TrendingQuery
from markets.api.views import CandlesView, HistoryView, SolanaView, SourcesView, TrendingView

urlpatterns = [
    api_path("market/solana", hot.serve(SolanaView.as_view(), parameters=()), name="api-solana"),
    api_path(
        "market/trending",
        hot.serve(TrendingView.as_view(), parameters=tuple(TrendingQuery().fields)),
        name="api-trending",
    ),
    api_path("market/sources", SourcesView.as_view(), name="api-sources"),
    api_path("market/token/<str:symbol>/candles", CandlesView.as_view(), name="api-candles"),
    api_path("market/token/<str:symbol>/history", HistoryView.as_view(), name="api-history"),
]
