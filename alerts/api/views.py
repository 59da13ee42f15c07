"""The calls under `alerts`: the own ones alone."""

from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, signed_in
from alerts.api.asking import rhythm, wanted
from alerts.api.serializers import AlertChanges, AlertInput, AlertOutput, EventOutput
from alerts.selectors.alerts import alert_of, alerts_of
from alerts.selectors.shown import alert_shown, event_shown
from alerts.services.alerts import change_alert, create_alert, delete_alert
from alerts.services.trying import try_alert
from core.api.envelope import answer, nothing
from core.api.idempotency import idempotent
from core.api.pagination import PageQuery, page_of
from core.api.permissions import Confirmed
from core.lib.clock import market_now, wall_now


class Alerts(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="alerts", parameters=[PageQuery], responses={200: AlertOutput(many=True)})
    def get(self, request: Request) -> Response:
        """The own alerts, newest first."""
        page = page_of(alerts_of(signed_in(request).id), request)
        return answer([alert_shown(alert) for alert in page.items], page.meta)

    @idempotent()
    @extend_schema(operation_id="alert_make", request=AlertInput, responses={201: AlertOutput})
    def post(self, request: Request) -> Response:
        """A new alert. Free plans have 20, pro plans 500 (409)."""
        owner_id = signed_in(request).id
        asked = wanted(owner_id, given(AlertInput, request))
        alert = create_alert(owner_id=owner_id, wanted=asked, now=market_now(), wall=wall_now())
        return answer(alert_shown(alert), status=201)


class OneAlert(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="alert", responses={200: AlertOutput})
    def get(self, request: Request, alert_id: UUID) -> Response:
        """One of the own alerts."""
        return answer(alert_shown(alert_of(signed_in(request).id, alert_id)))

    @extend_schema(operation_id="alert_change", request=AlertChanges, responses={200: AlertOutput})
    def patch(self, request: Request, alert_id: UUID) -> Response:
        """Changes what is given. Other parameters or another hysteresis start the waiting anew; `state: active` makes
        one wait again that was paused, fired or expired."""
        changes = rhythm(given(AlertChanges, request))
        alert = change_alert(
            owner_id=signed_in(request).id,
            alert_id=alert_id,
            changes=changes,
            now=market_now(),
            wall=wall_now(),
        )
        return answer(alert_shown(alert))

    @extend_schema(operation_id="alert_delete", responses={204: OpenApiResponse(description="Done.")})
    def delete(self, request: Request, alert_id: UUID) -> Response:
        """Its events stay in the inbox."""
        delete_alert(owner_id=signed_in(request).id, alert_id=alert_id)
        return nothing()


class TryAlert(APIView):
    permission_classes = [Confirmed]

    @idempotent()
    @extend_schema(operation_id="alert_test", request=None, responses={201: EventOutput})
    def post(self, request: Request, alert_id: UUID) -> Response:
        """An event that says it is a test, told like any other; ten in an hour (429)."""
        event = try_alert(
            owner_id=signed_in(request).id, alert_id=alert_id, now=market_now(), wall=wall_now()
        )
        return answer(event_shown(event), status=201)
