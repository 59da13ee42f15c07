"""Portfolios and transactions, for the question "why does it show this figure?"."""

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from core.admin import ReadOnlyAdmin
from portfolios.models import Portfolio, Transaction


def link_to(owner: User) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[owner.pk]), owner.email
    )


@admin.register(Portfolio)
class PortfolioAdmin(ReadOnlyAdmin):
    """Those whose figures are being worked out anew are marked."""

    ordering = ("-changed_at",)
    fields = (
        "whose", "name", "note", "method", "is_default", "current", "revision", "book_revision", "book_run",
        "created_at", "changed_at",
    )  # fmt: skip
    readonly_fields = ("whose", "current")
    list_display = ("name", "whose", "method", "is_default", "current", "booked", "created_at", "changed_at")
    list_filter = ("method", "is_default")
    list_select_related = ("owner",)
    search_fields = ("=id", "owner__email", "=owner__id", "name")
    search_help_text = "E-mail or id of the owner, name or id of the portfolio"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Portfolio]:
        """Counted apart for each row that is shown, not by a join over everything that was ever booked."""
        rows: QuerySet[Portfolio] = super().get_queryset(request)
        own = Transaction.objects.filter(portfolio=OuterRef("pk")).order_by().values("portfolio")
        return rows.annotate(transaction_count=Subquery(own.annotate(count=Count("pk")).values("count")))

    @admin.display(description="owner", ordering="owner__email")
    def whose(self, portfolio: Portfolio) -> SafeString:
        return link_to(portfolio.owner)

    @admin.display(description="transactions")
    def booked(self, portfolio: Portfolio) -> int:
        return int(getattr(portfolio, "transaction_count", None) or 0)

    @admin.display(description="worked out", boolean=True)
    def current(self, portfolio: Portfolio) -> bool:
        return portfolio.is_current


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    ordering = ("-changed_at",)
    list_display = (
        "executed_at", "whose", "portfolio", "kind", "asset", "quantity", "price_usd", "quote_asset",
        "quote_quantity", "fee_quantity", "fee_asset", "origin", "changed_at",
    )  # fmt: skip
    list_filter = ("kind", "origin", ("pair", admin.EmptyFieldListFilter))
    list_select_related = ("portfolio__owner",)
    raw_id_fields = ("portfolio", "pair")
    search_fields = ("=id", "=portfolio__id", "portfolio__owner__email", "=asset", "=external_id")
    search_help_text = (
        "E-mail of the owner, id of a transaction or portfolio, asset, the exchange's or file's own id"
    )
    show_full_result_count = False

    @admin.display(description="owner", ordering="portfolio__owner__email")
    def whose(self, row: Transaction) -> SafeString:
        return link_to(row.portfolio.owner)
