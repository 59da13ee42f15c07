"""Accounts at exchanges, for the question "why is it not read?": state, last error, every reading. Keys nobody sees."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from core.admin import ReadOnlyAdmin
from core.admin.deeds import note_deed
from core.lib.clock import wall_now
from portfolios.models import Connection, SyncCursor, SyncRun
from portfolios.services.connecting.asking import ask_for_those
from portfolios.services.connecting.stopping import switch_off


class _Inline(TabularInline):  # type: ignore[misc]  # unfold ships no types
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CursorsInline(_Inline):
    model = SyncCursor
    fields = ("kind", "reached", "looked_at", "refused", "window_since", "window_until", "open_from")


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    """Those that fail stand first."""

    ordering = ("-failures", "-last_error_at", "due_at")
    fields = (
        "owner", "portfolio", "exchange", "name", "purpose", "state", "created_at", "keys_since", "rights",
        "rights_lacking", "rights_seen_at", "rights_confirmed_at", "due_at", "asked_at", "leased_until", "failures",
        "last_sync_at", "last_error_class", "last_error", "last_error_at", "balances_at",
    )  # fmt: skip
    list_display = (
        "owner", "exchange", "name", "state", "failures", "last_error", "last_error_at", "last_sync_at", "due_at",
        "leased_until",
    )  # fmt: skip
    list_filter = ("state", "exchange", "rights", ("last_error_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner", "portfolio")
    search_fields = ("=id", "owner__email", "name", "last_error")
    search_help_text = "E-mail of the owner, words of the error, id of a connection"
    inlines = (CursorsInline,)
    actions = ("read_now", "switch_them_off")
    show_full_result_count = False

    @admin.action(description="Read now", permissions=["view"])
    def read_now(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        with transaction.atomic():
            for connection in queryset:
                note_deed(request, "read now", connection)
            count = ask_for_those(queryset, wall_now())
        messages.success(request, f"{count} are read next; the others need their owner or are off.")

    @admin.action(description="Switch off until the owner gives new keys", permissions=["view"])
    def switch_them_off(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        chosen = list(queryset)
        with transaction.atomic():
            for connection in chosen:
                note_deed(request, "switched off", connection)
            count = sum(switch_off(connection.id) for connection in chosen)
        messages.success(request, f"{count} are off.")


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    ordering = ("-began_at", "-id")
    fields = (
        "connection", "asked", "state", "began_at", "ended_at", "calls", "windows", "rows_seen", "rows_new",
        "error_class", "error",
    )  # fmt: skip
    list_display = (
        "began_at", "connection", "asked", "state", "ended_at", "calls", "windows", "rows_new", "rows_seen", "error"
    )  # fmt: skip
    list_filter = ("state", "connection__exchange", "asked")
    list_select_related = ("connection",)
    search_fields = ("=connection__id", "connection__owner__email", "error")
    show_full_result_count = False
