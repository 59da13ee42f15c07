"""Paths of portfolios under `/api/v1/`."""

from core.api.slash import api_path
from portfolios.api import (
    exchanges,
    files,
    issues,
    matching,
    outlook,
    performance,
    sharing,
    sums,
    transactions,
    views,
)

urlpatterns = [
    api_path("market/portfolio", views.MarketPortfolio.as_view()),
    api_path("portfolios", views.Portfolios.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/import", files.ImportFile.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/imports", files.Imports.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/imports/<uuid:import_id>", files.OneImport.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/export.csv", files.ExportFile.as_view()),
    api_path("portfolios/<uuid:portfolio_id>", views.OnePortfolio.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/outlook", outlook.PortfolioOutlook.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/holdings/<str:asset>", sums.OpenedHolding.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/issues", issues.PortfolioIssues.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/issues/leave", issues.LeaveIssue.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/issues/worth", issues.StateWorth.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/issues/token", issues.NameToken.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/share-links", sharing.ShareLinks.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/share-links/<uuid:link_id>", sharing.OneShareLink.as_view()),
    api_path("portfolios/<uuid:portfolio_id>/transactions", transactions.Transactions.as_view()),
    api_path(
        "portfolios/<uuid:portfolio_id>/transactions/<uuid:transaction_id>",
        transactions.OneTransaction.as_view(),
    ),
    api_path(
        "portfolios/<uuid:portfolio_id>/transactions/<uuid:transaction_id>/match",
        matching.TransferMatch.as_view(),
    ),
    api_path("portfolios/<uuid:portfolio_id>/performance", performance.PortfolioPerformance.as_view()),
    api_path("exchanges/supported", exchanges.Supported.as_view()),
    api_path("exchanges/test", exchanges.TestKeys.as_view()),
    api_path("exchanges/connect", exchanges.Connect.as_view()),
    api_path("exchanges/connections", exchanges.Connections.as_view()),
    api_path("exchanges/connections/<uuid:connection_id>", exchanges.OneConnection.as_view()),
    api_path("exchanges/connections/<uuid:connection_id>/sync", exchanges.SyncConnection.as_view()),
    api_path("exchanges/sync-all", exchanges.SyncAll.as_view()),
]
