"""`GET /jobs/{id}`: state and progress of a run that somebody started."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.envelope import answer
from core.api.permissions import Confirmed
from core.lib.clock import iso
from core.lib.errors import NotFound
from core.models import JobRun


class JobOutput(serializers.Serializer[JobRun]):
    id = serializers.IntegerField()
    job = serializers.CharField()
    state = serializers.ChoiceField(choices=JobRun.State.choices)
    progress = serializers.FloatField(help_text="0 to 1")
    detail = serializers.CharField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


def job_state(run: JobRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        "job": run.job,
        "state": run.state,
        "progress": run.progress,
        "detail": run.detail,
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at) if run.finished_at else None,
    }


_STAFF = {"staff", "admin"}
_MAY_LOOK = {"analyst"} | _STAFF
"""Whoever may start a job of the site's own; to others there is none, since its detail may tell of the machine. What a
user started for himself is his, and the staff's."""


class JobView(APIView):
    permission_classes = (Confirmed,)

    @extend_schema(
        operation_id="job", summary="State and progress of a run", responses=JobOutput, tags=["jobs"]
    )
    def get(self, request: Request, job_id: int) -> Response:
        run = JobRun.objects.filter(pk=job_id).first()
        if run is None or not _may_look(request, run):
            raise NotFound(f"There is no job {job_id}.")
        return answer(job_state(run))


def _may_look(request: Request, run: JobRun) -> bool:
    role = getattr(request.user, "role", "")
    return run.owner == request.user.pk or role in (_STAFF if run.owner else _MAY_LOOK)
