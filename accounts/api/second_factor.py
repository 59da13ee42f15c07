"""Switching the second factor on and off. The password is asked for again, and other sessions end."""

from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import serializers as shapes
from accounts.api.asking import given, origin, own_session, signed_in
from accounts.services import second_factor
from accounts.services.attempts import count_password_asked
from core.api.envelope import answer, nothing
from core.api.permissions import Confirmed
from core.lib.clock import wall_now


class EnableTotp(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="auth_totp_enable",
        request=shapes.EnableTotpInput,
        responses={200: shapes.EnrolmentOutput},
    )
    def post(self, request: Request) -> Response:
        """A secret for the app on the phone. It counts once it is confirmed, within 15 minutes."""
        asked, user = given(shapes.EnableTotpInput, request), signed_in(request)
        count_password_asked(user_id=user.id)
        enrolment = second_factor.begin(
            user_id=user.id, password=asked["password"], now=wall_now(), origin=origin(request)
        )
        return answer(shapes.EnrolmentOutput(enrolment).data)


class ConfirmTotp(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="auth_totp_confirm",
        request=shapes.ConfirmTotpInput,
        responses={200: shapes.RecoveryCodesOutput},
    )
    def post(self, request: Request) -> Response:
        """Switches the second factor on, by a code of the app. The recovery codes are shown this once."""
        asked, user = given(shapes.ConfirmTotpInput, request), signed_in(request)
        count_password_asked(user_id=user.id)
        codes = second_factor.confirm(
            user_id=user.id, code=asked["code"], now=wall_now(), keep=_own(request), origin=origin(request)
        )
        return answer({"recovery_codes": codes})


class DisableTotp(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="auth_totp_disable",
        request=shapes.DisableTotpInput,
        responses={204: OpenApiResponse(description="Done.")},
    )
    def post(self, request: Request) -> Response:
        """Switches the second factor off, by password and code. Staff keep theirs (403)."""
        asked, user = given(shapes.DisableTotpInput, request), signed_in(request)
        count_password_asked(user_id=user.id)
        second_factor.disable(
            user_id=user.id, **asked, now=wall_now(), keep=_own(request), origin=origin(request)
        )
        return nothing()


def _own(request: Request) -> UUID | None:
    session = own_session(request)
    return session.id if session else None
