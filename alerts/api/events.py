"""What happened: the own events, newest first, and that their owner has seen one."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import signed_in
from alerts.api.serializers import EventOutput
from alerts.selectors.alerts import events_of
from alerts.selectors.shown import event_shown
from alerts.services.inbox import acknowledge
from core.api.envelope import answer
from core.api.pagination import CursorQuery, cursor_page
from core.api.permissions import Confirmed
from core.lib.clock import wall_now


class Events(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="alert_events", parameters=[CursorQuery], responses={200: EventOutput(many=True)}
    )
    def get(self, request: Request) -> Response:
        """The own events, newest first, tests among them."""
        page = cursor_page(events_of(signed_in(request).id), request, order=("-created_at", "id"))
        return answer([event_shown(event) for event in page.items], page.meta)


class Acknowledge(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="alert_event_ack", request=None, responses={200: EventOutput})
    def post(self, request: Request, event_id: UUID) -> Response:
        """Seen: it counts as read in the inbox. Doing it twice changes nothing."""
        return answer(
            event_shown(acknowledge(owner_id=signed_in(request).id, event_id=event_id, now=wall_now()))
        )
