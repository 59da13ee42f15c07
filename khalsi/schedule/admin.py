"""The schedule as staff see it: the table times the jobs, staff own only whether one is on.

Imported when every app's admin is loaded, since the library's own pages would let staff re-time jobs.
"""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin

from core.admin.deeds import note_deed

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(PeriodicTask)
class ScheduleAdmin(ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    list_display = ("name", "enabled", "queue", "description", "last_run_at")
    list_filter = ("enabled", "queue")
    fields = ("name", "description", "enabled", "task", "queue", "last_run_at")
    readonly_fields = ("name", "description", "task", "queue", "last_run_at")
    ordering = ("name",)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: PeriodicTask, form: Any, change: bool) -> None:
        note_deed(request, f"{obj.name}: switched {'on' if obj.enabled else 'off'}", obj)
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
