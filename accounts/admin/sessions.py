"""Sessions: who is signed in from where and connected to the live feed, and a way to end that."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from accounts.admin.found_by_id import FoundById
from accounts.admin.staff import by_staff
from accounts.models import Session
from accounts.services.sessions import end_sessions
from core.lib.clock import wall_now
from core.live.census import Presence
from core.live.process import who_is_connected


class ConnectedFilter(admin.SimpleListFilter):
    title = "live feed"
    parameter_name = "connected"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("now", "Connected now")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        if self.value() != "now":
            return queryset
        return queryset.filter(id__in=list(who_is_connected(wall_now()).by_session))


@admin.register(Session)
class SessionAdmin(FoundById, ModelAdmin):  # type: ignore[misc]
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
        "live_feed",
    )
    list_filter = (ConnectedFilter, "kind", ("ended_at", admin.EmptyFieldListFilter), "ended_because")
    list_select_related = ("user",)
    search_fields = ("user__email", "address")
    search_help_text = "E-mail, address, or the whole id"
    actions = ("end",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        census = self._connected = who_is_connected(
            wall_now()
        )  # once for all rows; requests may well share it
        feed = f"sockets {census.sockets}, of visitors {census.visitors}, processes {len(census.reports)}"
        context = {"title": f"Sessions; live feed: {feed}", **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[no-any-return]

    @admin.display(description="live feed")
    def live_feed(self, session: Session) -> str:
        presence = self._connected.by_session.get(str(session.id))
        return _told(presence) if presence else ""

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


def _told(presence: Presence) -> str:
    """`2 sockets since 10:32, 1,204 frames, host:4711`."""
    sockets = "1 socket" if presence.sockets == 1 else f"{presence.sockets} sockets"
    where = ", ".join(presence.processes)
    return f"{sockets} since {presence.since:%d %b %H:%M}, {presence.frames:,} frames, {where}"
