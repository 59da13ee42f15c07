"""How engines came to their roles, and who got no forecast: for reading alone, like the record itself."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from predictions.models import Abstention, Judgement, RoleChange


@admin.register(RoleChange)
class RoleChangeAdmin(ReadOnlyAdmin):
    list_display = ("changed_at", "version", "role_before", "role_after", "basis", "user", "reason")
    list_filter = ("timeframe", "basis", "role_after")
    list_select_related = ("version", "user")
    ordering = ("-id",)


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyAdmin):
    list_display = (
        "judged_at",
        "challenger",
        "against",
        "earned",
        "skill",
        "low",
        "high",
        "blocks",
        "reason",
    )
    list_filter = ("earned", "challenger__timeframe", "challenger__engine")
    list_select_related = ("challenger",)
    ordering = ("-judged_at", "-id")


@admin.register(Abstention)
class AbstentionAdmin(ReadOnlyAdmin):
    list_display = ("as_of", "token", "timeframe", "code", "reason", "counts")
    list_filter = ("timeframe", "code")
    search_fields = ("token__symbol__iexact", "token__coingecko_id__iexact")
    list_select_related = ("token",)
    ordering = ("-as_of", "-id")
