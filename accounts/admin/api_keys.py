"""API keys: whose they are, what they may do, and when they were used last. The keys themselves nobody sees."""

from django.contrib import admin

from accounts.models import ApiKey
from core.admin import ReadOnlyAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    ordering = ("-created_at",)
    fields = list_display = (
        "user", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"
    )  # fmt: skip
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__email", "name", "prefix")
