"""Engines: what they learned from, how they scored in training, and who is published."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnlyAdmin
from core.lib.errors import Conflict
from predictions.models import EngineVersion
from predictions.services.promotion import judge, promote, promote_if_earned, step_down


@admin.register(EngineVersion)
class EngineVersionAdmin(ReadOnlyAdmin):
    list_display = ("engine", "version", "timeframe", "role", "trained_at", "span_to", "skill", "file")
    list_filter = ("timeframe", "role", "engine")
    ordering = ("timeframe", "role", "-id")
    actions = ("judge_them", "promote_earned", "promote_anyway", "let_step_down")

    @admin.display(description="walk-forward skill")
    def skill(self, version: EngineVersion) -> str:
        found = version.scores.get("skill")
        if not found:
            return "–"
        return f"{found['value']:+.1%} [{found['low']:+.1%}, {found['high']:+.1%}]"

    @admin.display(description="file")
    def file(self, version: EngineVersion) -> str:
        return version.artifact or "none needed"

    @admin.action(
        description="Have they earned the champion's place? (changes nothing)", permissions=["view"]
    )
    def judge_them(self, request: HttpRequest, versions: QuerySet[EngineVersion]) -> None:
        for version in versions:
            messages.info(request, f"{version}: {judge(version).reason}")

    @admin.action(description="Promote those that have earned it by live scores", permissions=["promote"])
    def promote_earned(self, request: HttpRequest, versions: QuerySet[EngineVersion]) -> None:
        for version in versions:
            verdict = promote_if_earned(version)
            if verdict.earned:
                self.log_change(request, version, f"promoted: {verdict.reason}")
            level = messages.SUCCESS if verdict.earned else messages.WARNING
            messages.add_message(request, level, f"{version}: {verdict.reason}")

    @admin.action(
        description="Promote anyway, with the reason that staff decided so", permissions=["promote"]
    )
    def promote_anyway(self, request: HttpRequest, versions: QuerySet[EngineVersion]) -> None:
        for version in versions:
            reason = f"Staff decided so, although: {judge(version).reason}"
            try:
                promote(version, reason)
            except Conflict as error:
                messages.error(request, f"{version}: {error.message}")
                continue
            self.log_change(request, version, json.dumps({"promoted": reason}))
            messages.success(
                request, f"{version} is the champion of {version.timeframe} from the next run on."
            )

    @admin.action(description="Let the champion step down; climatology is published", permissions=["promote"])
    def let_step_down(self, request: HttpRequest, versions: QuerySet[EngineVersion]) -> None:
        for version in versions:
            if step_down(version):
                self.log_change(request, version, "stepped down")
                messages.success(request, f"{version} stepped down.")

    def has_promote_permission(self, request: HttpRequest) -> bool:
        """Staff may run what they may see; the reason and the actor are kept in the log."""
        return bool(self.has_view_permission(request))
