"""Where the own account is signed in, and ending that."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import own_session, owner, signed_in
from accounts.models import Session
from accounts.selectors.sessions import live_sessions_of
from accounts.services.sessions import end_own_session, end_sessions_of
from core.api.envelope import answer, nothing
from core.api.fields import UtcDateTime
from core.api.pagination import page_of
from core.api.permissions import Confirmed, SignedIn
from core.lib.clock import wall_now

_DONE = {204: OpenApiResponse(description="Done.")}


class SessionOutput(serializers.ModelSerializer[Session]):
    current = serializers.SerializerMethodField(help_text="Whether it is the one that asks.")
    created_at = UtcDateTime(read_only=True)
    last_used_at = UtcDateTime(read_only=True)
    expires_at = UtcDateTime(read_only=True)

    class Meta:
        model = Session
        fields = (
            "id", "kind", "current", "created_at", "last_used_at", "expires_at", "address", "user_agent"
        )  # fmt: skip
        read_only_fields = fields

    def get_current(self, session: Session) -> bool:
        return bool(session == self.context["own"])


class Sessions(APIView):
    permission_classes = [Confirmed]
    api_key_read_scope = None

    @extend_schema(operation_id="auth_sessions", responses={200: SessionOutput(many=True)})
    def get(self, request: Request) -> Response:
        """Where the account is signed in, by newest use. Browsers have the kind `site`."""
        page = page_of(live_sessions_of(signed_in(request).id, now=wall_now()), request)
        context: dict[str, Any] = {"own": own_session(request)}
        return answer(SessionOutput(page.items, many=True, context=context).data, page.meta)


class OneSession(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="auth_session_end", responses=_DONE)
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Ends it: its requests are refused from the next one on, and its live feeds close."""
        end_own_session(**owner(request), session_id=session_id)
        return nothing()


class LogoutAll(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="auth_logout_all", request=None, responses=_DONE)
    def post(self, request: Request) -> Response:
        """Ends every session of the account, this one and those of browsers included."""
        end_sessions_of(**owner(request), by=signed_in(request).id, because="logged out everywhere")
        return nothing()
