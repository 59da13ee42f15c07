"""Paths of the portfolio pages."""

from django.urls import path

from portfolios.pages import (
    exchanges,
    holding,
    importing,
    issues,
    matching,
    outlook,
    overview,
    performance,
    portfolios,
    sharing,
    transactions,
)

urlpatterns = [
    path("portfolios", portfolios.portfolios, name="portfolios"),
    path("portfolios/new", portfolios.new, name="portfolio-new"),
    path("portfolios/<uuid:portfolio_id>", overview.overview, name="portfolio"),
    path("portfolios/<uuid:portfolio_id>/outlook", outlook.outlook, name="portfolio-outlook"),
    path("portfolios/<uuid:portfolio_id>/holdings/<str:asset>", holding.holding, name="portfolio-holding"),
    path(
        "portfolios/<uuid:portfolio_id>/performance",
        performance.performance_page,
        name="portfolio-performance",
    ),
    path(
        "portfolios/<uuid:portfolio_id>/transactions",
        transactions.transactions,
        name="portfolio-transactions",
    ),
    path(
        "portfolios/<uuid:portfolio_id>/transactions/new", transactions.new, name="portfolio-transaction-new"
    ),
    path(
        "portfolios/<uuid:portfolio_id>/transactions/<uuid:transaction_id>",
        transactions.edit,
        name="portfolio-transaction",
    ),
    path(
        "portfolios/<uuid:portfolio_id>/transactions/<uuid:transaction_id>/delete",
        transactions.delete,
        name="portfolio-transaction-delete",
    ),
    path("portfolios/<uuid:portfolio_id>/import", importing.imports, name="portfolio-import"),
    path(
        "portfolios/<uuid:portfolio_id>/imports/<uuid:import_id>",
        importing.one,
        name="portfolio-import-one",
    ),
    path(
        "portfolios/<uuid:portfolio_id>/imports/<uuid:import_id>/act",
        importing.act,
        name="portfolio-import-act",
    ),
    path(
        "portfolios/<uuid:portfolio_id>/imports/<uuid:import_id>/undo",
        importing.undo_page,
        name="portfolio-import-undo",
    ),
    path(
        "portfolios/<uuid:portfolio_id>/imports/<uuid:import_id>/rejected.csv",
        importing.rejected,
        name="portfolio-import-rejected",
    ),
    path("portfolios/<uuid:portfolio_id>/export.csv", importing.export, name="portfolio-export"),
    path(
        "portfolios/<uuid:portfolio_id>/transactions/<uuid:transaction_id>/match",
        matching.match,
        name="portfolio-transaction-match",
    ),
    path("portfolios/<uuid:portfolio_id>/issues", issues.issues, name="portfolio-issues"),
    path("portfolios/<uuid:portfolio_id>/issues/act", issues.act, name="portfolio-issue-act"),
    path("portfolios/<uuid:portfolio_id>/share", sharing.share_links, name="portfolio-share"),
    path("portfolios/<uuid:portfolio_id>/share/<uuid:link_id>/end", sharing.end, name="portfolio-share-end"),
    path("shared/<str:token>", sharing.shared_page, name="shared-portfolio"),
    path("portfolios/<uuid:portfolio_id>/settings", portfolios.settings, name="portfolio-settings"),
    path("portfolios/<uuid:portfolio_id>/default", portfolios.make_default, name="portfolio-default"),
    path("portfolios/<uuid:portfolio_id>/delete", portfolios.delete, name="portfolio-delete"),
    path("exchanges", exchanges.exchanges, name="exchanges"),
    path("exchanges/sync", exchanges.sync_all, name="exchanges-sync"),
    path("exchanges/new/<slug:exchange>", exchanges.new, name="exchange-new"),
    path("exchanges/<uuid:connection_id>", exchanges.exchange, name="exchange"),
    path("exchanges/<uuid:connection_id>/keys", exchanges.keys, name="exchange-keys"),
    path("exchanges/<uuid:connection_id>/act", exchanges.act, name="exchange-act"),
]
