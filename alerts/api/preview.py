"""What an alert would have done, before it is made."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, signed_in
from alerts.api.asking import wanted
from alerts.api.serializers import PreviewInput, PreviewOutput
from alerts.services.alerts import new_alert
from alerts.services.previewing import preview
from core.api.envelope import answer
from core.api.permissions import Confirmed
from core.lib.clock import market_now, wall_now


class PreviewAlert(APIView):
    permission_classes = [Confirmed]
    api_key_scope = "read"  # it changes nothing

    @extend_schema(operation_id="alert_preview", request=PreviewInput, responses={200: PreviewOutput})
    def post(self, request: Request) -> Response:
        """How often it would have fired in the last days, by its own condition and rhythm. Stores nothing."""
        asked = given(PreviewInput, request)
        days, now = asked.pop("days"), market_now()
        owner = signed_in(request)
        alert = new_alert(owner, wanted(owner.id, asked), now=now, wall=wall_now())
        return answer(PreviewOutput(preview(alert, days=days, now=now)).data)
