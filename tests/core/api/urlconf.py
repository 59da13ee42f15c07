"""Small views behind the real middleware: each does one thing that the API must survive."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.http import require_GET
from rest_framework import exceptions as drf
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import hot
from core.api.envelope import answer, nothing
from core.api.fields import OneOf, StrictInteger
from core.api.idempotency import idempotent
from core.api.query import QuerySerializer
from core.api.slash import api_path
from core.lib import errors
from core.lib.clock import wall_now
from core.models import JobRun

RAISED: dict[str, Exception] = {
    "bad-input": errors.BadInput.at("limit", "Write a whole number."),
    "not-signed-in": errors.NotSignedIn("Sign in."),
    "not-allowed": errors.NotAllowed("Not yours to do."),
    "not-found": errors.NotFound("There is no such token."),
    "conflict": errors.Conflict("Taken."),
    "too-large": errors.TooLarge("Too large."),
    "not-enough": errors.NotEnoughHistory("400 hours are needed, there are 12."),
    "too-many": errors.TooMany("Wait.", retry_after=7),
    "source": errors.SourceUnavailable("CoinGecko answered 429.", retry_after=41.2),
    "away": errors.ServiceUnavailable("The cache is away."),
    "artifact": errors.ArtifactRefused("secret path of a file"),
    "http404": Http404("No Token matches"),
    "denied": PermissionDenied("secret"),
    "suspicious": SuspiciousOperation("secret"),
    "database": OperationalError("secret host name"),
    "bug": KeyError("secret"),
    "django-validation": ValidationError({"name": ["Too short."]}),
    "drf-throttled": drf.Throttled(wait=3.2),
    "drf-signed-out": drf.NotAuthenticated(),
    "drf-parse": drf.ParseError("secret"),
}


class Query(QuerySerializer):
    timeframe = OneOf(choices=["1h", "4h"], default="1h")
    limit = StrictInteger(default=1, min_value=1, max_value=100)


class Body(serializers.Serializer[Any]):
    quantity = StrictInteger()


class Sends(APIView):
    def post(self, request: Request) -> Response:
        body = Body(data=request.data)
        body.is_valid(raise_exception=True)
        return answer(body.validated_data, status=201)

    def delete(self, request: Request) -> Response:
        return nothing()


class Makes(APIView):
    """Leaves one row for each time that it was done. The body says what becomes of it."""

    meanwhile: ClassVar[list[Callable[[], object]]] = []

    @idempotent()
    def post(self, request: Request) -> Response:
        row = JobRun.objects.create(job="made", started_at=wall_now())
        for happens in self.meanwhile:
            happens()
        wish = request.data.get("wish", "")
        if wish == "nothing to say":
            return nothing()
        if wish == "a refusal that is returned":
            return Response({"success": False}, status=409)
        if wish == "a hook that fails":
            transaction.on_commit(_fail)
        if wish in RAISED:
            raise RAISED[wish]
        return answer({"id": row.pk}, status=201, headers={"Location": f"/api/v1/made/{row.pk}"})

    @idempotent(required=True)
    def put(self, request: Request) -> Response:
        return answer({"id": JobRun.objects.create(job="made", started_at=wall_now()).pk}, status=201)


def _fail() -> None:
    raise RAISED["bug"]


class Asks(APIView):
    def get(self, request: Request) -> Response:
        return answer(Query.read(request), max_age=5)


class Kept(APIView):
    """Counts how often it was asked."""

    asked = 0
    seconds = 60.0

    def get(self, request: Request) -> Response:
        Kept.asked += 1
        return hot.keep(answer({"asked": Kept.asked}), seconds=Kept.seconds, max_age=5)


class Bare(APIView):
    def get(self, request: Request) -> Response:
        return Response({"price": float("nan")})


class Raises(APIView):
    def get(self, request: Request, what: str) -> Response:
        raise RAISED[what]


def plain_raises(request: HttpRequest, what: str) -> HttpResponse:
    raise RAISED[what]


@require_GET
def plain_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>fine</p>")


def plain_forbidden(request: HttpRequest) -> HttpResponse:
    return HttpResponseForbidden("<p>no</p>", headers={"X-Kept": "yes"})


urlpatterns = [
    api_path("api/v1/sends", Sends.as_view()),
    api_path("api/v1/makes", Makes.as_view()),
    api_path("api/v1/asks", Asks.as_view()),
    api_path("api/v1/kept", hot.serve(Kept.as_view(), parameters=("timeframe",))),
    api_path("api/v1/bare", Bare.as_view()),
    api_path("api/v1/raises/<str:what>", Raises.as_view()),
    api_path("api/v1/plain/<str:what>", plain_raises),
    api_path("api/v1/page", plain_page),
    api_path("api/v1/forbidden", plain_forbidden),
    api_path("page", plain_page),
]
handler400 = "core.api.errors.bad_request"
handler403 = "core.api.errors.permission_denied"
handler404 = "core.api.errors.page_not_found"
handler500 = "core.api.errors.server_error"
