"""Alerts and events, for the question "why was I (not) told?"."""

from django.contrib import admin

from alerts.models import Alert, Event
from core.admin import ReadOnlyAdmin


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    ordering = ("-created_at",)
    list_display = (
        "owner",
        "token",
        "portfolio",
        "kind",
        "params",
        "state",
        "armed",
        "last_event_at",
        "created_at",
    )
    list_filter = ("state", "kind", "repeat")
    list_select_related = ("owner", "token", "portfolio", "gauge")
    search_fields = ("=id", "owner__email", "token__symbol", "=portfolio__id")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    ordering = ("-created_at",)
    list_display = (
        "owner",
        "sentence",
        "fired_at",
        "created_at",
        "deliver_after",
        "acknowledged_at",
        "is_test",
    )
    list_filter = ("kind", "is_test", ("acknowledged_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner", "token", "alert")
    search_fields = ("=id", "=alert__id", "owner__email", "token__symbol", "=portfolio__id")
