"""The second factor: on, off, and fresh recovery codes. The password is asked for again, and other sessions end."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import serializers as shapes
from accounts.api.asking import counted_owner, given, own_session_id
from accounts.services import second_factor
from core.api.envelope import answer, nothing
from core.api.permissions import Confirmed

_CODES = {200: shapes.RecoveryCodesOutput}


class EnableTotp(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="auth_totp_enable",
        request=shapes.PasswordAgainInput,
        responses={200: shapes.EnrolmentOutput},
    )
    def post(self, request: Request) -> Response:
        """A secret for the app on the phone. It counts once it is confirmed, within 15 minutes."""
        asked = given(shapes.PasswordAgainInput, request)
        return answer(shapes.EnrolmentOutput(second_factor.begin(**counted_owner(request), **asked)).data)


class ConfirmTotp(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="auth_totp_confirm", request=shapes.ConfirmTotpInput, responses=_CODES)
    def post(self, request: Request) -> Response:
        """Switches the second factor on, by a code of the app. The recovery codes are shown this once."""
        asked = given(shapes.ConfirmTotpInput, request)
        codes = second_factor.confirm(**counted_owner(request), **asked, keep=own_session_id(request))
        return answer({"recovery_codes": codes})


class RenewRecoveryCodes(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="auth_totp_recovery_codes", request=shapes.PasswordAndCodeInput, responses=_CODES
    )
    def post(self, request: Request) -> Response:
        """Fresh recovery codes, by password and code. They are shown this once, and the old ones count no more."""
        asked = given(shapes.PasswordAndCodeInput, request)
        owner, keep = counted_owner(request), own_session_id(request)
        return answer({"recovery_codes": second_factor.renew_recovery_codes(**owner, **asked, keep=keep)})


class DisableTotp(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="auth_totp_disable",
        request=shapes.PasswordAndCodeInput,
        responses={204: OpenApiResponse(description="Done.")},
    )
    def post(self, request: Request) -> Response:
        """Switches the second factor off, by password and code. Staff keep theirs (403)."""
        asked = given(shapes.PasswordAndCodeInput, request)
        second_factor.disable(**counted_owner(request), **asked, keep=own_session_id(request))
        return nothing()
