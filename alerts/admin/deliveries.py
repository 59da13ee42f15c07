"""What channels are told, for the question "why did it not arrive?": deliveries with every attempt, those given up to
be sent again, and the health of channels. Addresses and secrets nobody sees."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from alerts.models import Attempt, Delivery, NotificationChannel
from alerts.services.replaying import replay_all
from core.admin import ReadOnlyAdmin
from core.admin.deeds import note_deed
from core.lib.clock import wall_now


class AttemptsInline(TabularInline):  # type: ignore[misc]  # unfold ships no types
    model = Attempt
    fields = ("number", "began_at", "ended_at", "result", "status", "said")
    ordering = ("number",)
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    ordering = ("-created_at", "-id")
    fields = (
        "channel", "owner", "purpose", "state", "created_at", "due_at", "gives_up_at", "leased_until", "attempts",
        "finished_at", "last_error", "maybe_repeated", "told_of",
    )  # fmt: skip
    readonly_fields = ("told_of",)
    list_display = (
        "created_at", "owner", "channel", "purpose", "state", "attempts", "due_at", "last_error", "maybe_repeated"
    )  # fmt: skip
    list_filter = ("state", "channel__kind", "purpose", "maybe_repeated")
    list_select_related = ("owner", "channel")
    search_fields = ("=id", "owner__email", "last_error", "=told__event__id")
    search_help_text = "E-mail of the owner, words of the error, id of a delivery or an event"
    inlines = (AttemptsInline,)
    actions = ("send_again",)
    show_full_result_count = False

    @admin.display(description="tells of")
    def told_of(self, delivery: Delivery) -> str:
        return "; ".join(delivery.events.values_list("sentence", flat=True)) or "no event"

    @admin.action(description="Send again what was given up", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        chosen = list(queryset.filter(state=Delivery.State.DEAD))
        with transaction.atomic():
            for delivery in chosen:
                note_deed(request, "sent again", delivery)
            count = replay_all([delivery.id for delivery in chosen], wall_now())
        messages.success(
            request, f"{count} sent again; the others were not given up, or their channel is off."
        )


@admin.register(NotificationChannel)
class NotificationChannelAdmin(ReadOnlyAdmin):
    """Those that fail stand first."""

    ordering = ("-failures", "-last_error_at")
    fields = (
        "owner", "kind", "name", "shown", "state", "created_at", "verified_at", "failures", "rests_until",
        "last_sent_at", "last_error", "last_error_at", "off_at", "off_because",
    )  # fmt: skip
    list_display = (
        "owner", "kind", "name", "state", "failures", "last_error", "last_error_at", "last_sent_at", "rests_until"
    )  # fmt: skip
    list_filter = ("state", "kind", ("rests_until", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("=id", "owner__email", "name", "last_error")
