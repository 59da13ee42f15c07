"""Engines: what they learned from, how they scored in training, and who is published."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from kombu.exceptions import OperationalError as BrokerAway
from unfold.decorators import action

from core.admin import ReadOnlyAdmin
from core.admin.deeds import note_deed
from predictions import tasks
from predictions.admin.deciding import Deed, decide
from predictions.models import EngineVersion, RoleChange
from predictions.services.judging import walk_forward_skill, worded
from predictions.services.roles import appoint, roll_back, step_down


@admin.register(EngineVersion)
class EngineVersionAdmin(ReadOnlyAdmin):
    list_display = ("engine", "version", "timeframe", "role", "trained_at", "span_to", "skill", "file")
    list_filter = ("timeframe", "role", "engine")
    ordering = ("timeframe", "role", "-id")
    actions = ("promote", "let_step_down", "roll_back")
    actions_list = ("train_now",)

    @admin.display(description="walk-forward skill")
    def skill(self, version: EngineVersion) -> str:
        found, _ = walk_forward_skill(version)
        return worded(found) if found else "–"

    @admin.display(description="file")
    def file(self, version: EngineVersion) -> str:
        return version.artifact or "none needed"

    @admin.action(description="Make it the champion (asks why)", permissions=["decide"])
    def promote(self, request: HttpRequest, versions: QuerySet[EngineVersion]) -> TemplateResponse | None:
        @transaction.atomic
        def do(version: EngineVersion, reason: str) -> str:
            appoint(version, basis=RoleChange.Basis.STAFF, reason=reason, user=_actor(request))
            note_deed(request, f"{version} promoted: {reason}", version)
            self.log_change(request, version, f"promoted: {reason}")
            return f"{version} is the champion of {version.timeframe} from the next run on."

        explained = (
            "Its forecasts are published from the next run on; the present champion goes on as a challenger."
        )
        return self._decide(request, versions, "promote", "Make it the champion", explained, do)

    @admin.action(description="Let the champion step down (asks why)", permissions=["decide"])
    def let_step_down(self, request: HttpRequest, versions: QuerySet[EngineVersion]) -> Any:
        @transaction.atomic
        def do(version: EngineVersion, reason: str) -> str:
            step_down(version, reason=reason, user=_actor(request))
            note_deed(request, f"{version} stepped down: {reason}", version)
            self.log_change(request, version, f"stepped down: {reason}")
            return f"{version} stepped down; climatology is published from the next run on."

        explained = "It goes on as a challenger, and climatology is published from the next run on."
        return self._decide(request, versions, "let_step_down", "Let the champion step down", explained, do)

    @admin.action(
        description="Roll its timeframe back to the champion before (asks why)", permissions=["decide"]
    )
    def roll_back(self, request: HttpRequest, versions: QuerySet[EngineVersion]) -> Any:
        @transaction.atomic
        def do(version: EngineVersion, reason: str) -> str:
            back = roll_back(version.timeframe, reason=reason, user=_actor(request))
            note_deed(request, f"{back.timeframe} rolled back to {back}: {reason}", back)
            self.log_change(request, back, f"rolled back to: {reason}")
            return f"{back} is the champion of {back.timeframe} again, from the next run on."

        explained = "Whoever was champion of its timeframe before the present one returns to the place."
        return self._decide(request, versions, "roll_back", "Roll back", explained, do)

    @action(description="Train now", url_path="train-now", icon="school")  # type: ignore[untyped-decorator]
    def train_now(self, request: HttpRequest) -> HttpResponseRedirect:
        """All timeframes; what results enters as a challenger."""
        try:
            with transaction.atomic():
                note_deed(request, "training of all timeframes asked for")
                run, is_new = tasks.begin_training(None)
        except BrokerAway:
            messages.error(request, "The job queue could not be reached; nothing is trained. Try again.")
            return redirect("admin:predictions_engineversion_changelist")
        if not is_new:
            messages.info(request, "A training is running already; this is how far it has come.")
        return redirect("admin:core_jobrun_change", run.pk)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Staff may decide about what they may see; the reason and the actor are kept."""
        return bool(self.has_view_permission(request))

    def _decide(
        self,
        request: HttpRequest,
        versions: QuerySet[EngineVersion],
        name: str,
        title: str,
        explained: str,
        do: Deed,
    ) -> TemplateResponse | None:
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return decide(
            request, versions, action=name, title=title, explained=explained, do=do, context=context
        )


def _actor(request: HttpRequest) -> Any:
    """Whoever is signed in; the staff site lets nobody else in."""
    return request.user
