"""Files that people sent, for the question "why is my import not there?". What stands in them is their owner's: nothing
of the file, its preview or its rejected rows is shown here.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin import ReadOnlyAdmin
from portfolios.admin.portfolios import link_to
from portfolios.models import ImportBatch


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    """Newest first; how far one came is told by its job."""

    ordering = ("-created_at", "-id")
    fields = (
        "whose", "portfolio", "state", "failure", "preset", "size", "encoding", "rows_new", "rows_known",
        "rows_probable", "rows_ignored", "rows_rejected", "rows_booked", "run", "attempts", "lease_until",
        "created_at", "changed_at",
    )  # fmt: skip
    readonly_fields = ("whose",)
    list_display = (
        "created_at", "whose", "portfolio", "preset", "state", "rows_booked", "rows_rejected", "far", "failure",
        "attempts", "changed_at",
    )  # fmt: skip
    list_filter = ("state", "preset")
    list_select_related = ("portfolio__owner", "run")
    search_fields = ("=id", "=portfolio__id", "portfolio__owner__email", "failure")
    search_help_text = "E-mail of the owner, id of an import or portfolio, words of the failure"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportBatch]:
        """Without the file, which nobody reads here."""
        rows: QuerySet[ImportBatch] = super().get_queryset(request)
        return rows.defer("content", "preview", "header", "terms", "digest")

    @admin.display(description="owner", ordering="portfolio__owner__email")
    def whose(self, batch: ImportBatch) -> SafeString:
        return link_to(batch.portfolio.owner)

    @admin.display(description="done")
    def far(self, batch: ImportBatch) -> str:
        return f"{batch.run.progress:.0%}" if batch.run else ""
