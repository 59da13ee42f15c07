"""How each source fares, and the replies that made no sense."""

from django.contrib import admin

from markets.admin.read_only import ReadOnlyAdmin
from markets.models import RefusedReply, SourceState, StreamState


@admin.register(SourceState)
class SourceStateAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "state",
        "failures",
        "last_success_at",
        "last_error_at",
        "last_error_class",
        "last_error",
        "retry_at",
        "refused",
    )
    ordering = ("name",)


@admin.register(StreamState)
class StreamStateAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "opened_at",
        "closed_at",
        "heard_at",
        "connections",
        "refused",
        "last_error_at",
        "last_error",
        "holder",
        "leased_until",
    )
    ordering = ("name",)


@admin.register(RefusedReply)
class RefusedReplyAdmin(ReadOnlyAdmin):
    list_display = ("seen_at", "source", "endpoint", "subject", "reason")
    list_filter = ("source", "endpoint")
    search_fields = ("subject", "reason")
    ordering = ("-seen_at",)
    show_full_result_count = False
