"""The audit log: what happened to an account, found by address, e-mail, action or request."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.found_by_id import FoundById
from accounts.models import AuditEntry
from accounts.selectors.audit import audit_with_addresses
from core.admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(FoundById, ReadOnlyAdmin):
    id_fields = ("account_id", "actor_id", "object_id")
    list_display = ("at", "said", "account", "actor", "detail", "object_type", "address", "request_id")
    list_filter = ("action", "object_type", "at")
    search_fields = ("account_email", "actor_email", "detail", "address", "request_id", "object_id")
    search_help_text = "E-mail, address, request id, object id or words of the detail"
    ordering = ("-id",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return audit_with_addresses()

    @admin.display(description="account")
    def account(self, entry: Any) -> str:
        return entry.account_email or entry.account_id or "nobody's"

    @admin.display(description="who")
    def actor(self, entry: Any) -> str:
        return entry.actor_email or entry.actor_id or "not signed in"
