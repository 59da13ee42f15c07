"""Staff pages of the ground: what ran, and what failed for good."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin.deeds import note_deed
from core.admin.read_only import ReadOnlyAdmin
from core.jobs.dead_letters import drop_dead_letter, retry_dead_letter
from core.models import DeadLetter, JobRun, SourceStamp


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("job", "slot", "state", "progress", "started_at", "finished_at", "detail_short")
    list_filter = ("state", "job")
    search_fields = ("job", "detail")
    ordering = ("-started_at",)

    @admin.display(description="detail")
    def detail_short(self, run: JobRun) -> str:
        return run.detail[:120]


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    list_display = ("task", "error_class", "error_short", "attempts", "state", "failed_at")
    list_filter = ("state", "task")
    search_fields = ("task", "error")
    ordering = ("-failed_at",)
    actions = ("run_again", "let_go")

    @admin.display(description="error")
    def error_short(self, letter: DeadLetter) -> str:
        return letter.error[:160]

    @admin.action(description="Run again", permissions=["view"])
    def run_again(self, request: HttpRequest, letters: QuerySet[DeadLetter]) -> None:
        sent = 0
        for letter in letters:
            with transaction.atomic():
                note_deed(request, f"run again: {letter.task}", letter)
                sent += retry_dead_letter(letter)
        messages.success(request, f"{sent} sent again; the others had been settled already.")

    @admin.action(description="Let go", permissions=["view"])
    def let_go(self, request: HttpRequest, letters: QuerySet[DeadLetter]) -> None:
        with transaction.atomic():
            for letter in letters:
                note_deed(request, f"let go: {letter.task}", letter)
            dropped = sum(drop_dead_letter(letter) for letter in letters)
        messages.success(request, f"{dropped} let go.")


@admin.register(SourceStamp)
class SourceStampAdmin(ReadOnlyAdmin):
    list_display = ("kind", "identity", "speed", "started_at", "reached")
