"""Khalsi with one more address: `POST /api/v1/slow-write` `{"name", "seconds"}` leaves a row and takes its time.

For `retried_write`, which must kill a server in the midst of a write.
"""

import time
from typing import Any

from django.conf import settings

from khalsi.asgi import application as asgi
from khalsi.wsgi import application as wsgi

settings.ROOT_URLCONF = __name__

from rest_framework import serializers  # noqa: E402  these need Django's apps
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from core.api.envelope import answer  # noqa: E402
from core.api.idempotency import idempotent  # noqa: E402
from core.api.slash import api_path  # noqa: E402
from core.lib.clock import wall_now  # noqa: E402
from core.models import JobRun  # noqa: E402
from khalsi.urls import handler400, handler403, handler404, handler500  # noqa: E402
from khalsi.urls import urlpatterns as ours  # noqa: E402

__all__ = ["asgi", "handler400", "handler403", "handler404", "handler500", "urlpatterns", "wsgi"]
JOB = "slow-write"


class Wish(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    seconds = serializers.FloatField(min_value=0, max_value=10)


class SlowWrite(APIView):
    @idempotent()
    def post(self, request: Request) -> Response:
        wish = Wish(data=request.data)
        wish.is_valid(raise_exception=True)
        now = wall_now()
        row = JobRun.objects.create(job=JOB, detail=wish.validated_data["name"], started_at=now)
        time.sleep(wish.validated_data["seconds"])
        return answer({"id": row.pk, "at": now}, status=201)


urlpatterns = [api_path("api/v1/slow-write", SlowWrite.as_view()), *ours]
