"""Sessions of apps: who is signed in from where, and a way to end that."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.admin.staff import by_staff
from accounts.models import Session
from accounts.services.sessions import end_sessions


@admin.register(Session)
class SessionAdmin(ModelAdmin):  # type: ignore[misc]
    ordering = ("-last_used_at",)
    list_display = (
        "user",
        "kind",
        "created_at",
        "last_used_at",
        "expires_at",
        "ended_at",
        "ended_because",
        "address",
    )
    list_filter = ("kind", ("ended_at", admin.EmptyFieldListFilter), "ended_because")
    list_select_related = ("user",)
    search_fields = ("user__email", "address")
    actions = ("end",)

    @admin.action(description="End these sessions", permissions=("end",))
    def end(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        by = by_staff(request)
        with transaction.atomic():
            count = end_sessions(
                session_ids=queryset.values_list("id", flat=True),
                because="ended by staff",
                now=by.now,
                by=by.actor_id,
                origin=by.origin,
            )
        self.message_user(request, f"{count} sessions ended.", messages.SUCCESS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_session")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        return False
