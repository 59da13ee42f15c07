"""Confirming an address, and new passwords. Nothing here tells whether an address has an account."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import serializers as shapes
from accounts.api.asking import address, given, origin, own_session, signed_in
from accounts.services.addresses import ask_verification, confirm_address
from accounts.services.attempts import count_mail_asked, count_password_asked, count_token_tried
from accounts.services.passwords import ask_reset, change_password, reset_password
from core.api.envelope import nothing
from core.api.permissions import Confirmed
from core.lib.clock import wall_now

_DONE = {204: OpenApiResponse(description="Done.")}
_PERHAPS = {204: OpenApiResponse(description="Mail was sent if the address has an account.")}


class VerifyEmail(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="auth_verify_email", request=shapes.TokenInput, responses=_DONE)
    def post(self, request: Request) -> Response:
        """Confirms the address that the token was sent to."""
        asked = given(shapes.TokenInput, request)
        count_token_tried(address=address(request))
        confirm_address(token=asked["token"], now=wall_now(), origin=origin(request))
        return nothing()


class ResendVerification(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="auth_resend_verification", request=shapes.EmailInput, responses=_PERHAPS)
    def post(self, request: Request) -> Response:
        """Sends the mail again, unless the address is confirmed or has no account: the answer is the same."""
        email = given(shapes.EmailInput, request)["email"]
        may = count_mail_asked(email=email, address=address(request))
        ask_verification(email=email if may else "", now=wall_now())
        return nothing()


class ForgotPassword(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="auth_password_forgot", request=shapes.EmailInput, responses=_PERHAPS)
    def post(self, request: Request) -> Response:
        """Sends a link for a new password, if the address has an account: the answer is the same."""
        email = given(shapes.EmailInput, request)["email"]
        may = count_mail_asked(email=email, address=address(request))
        ask_reset(email=email if may else "", now=wall_now())
        return nothing()


class ResetPassword(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="auth_password_reset", request=shapes.ResetInput, responses=_DONE)
    def post(self, request: Request) -> Response:
        """A new password, by the token of the mail, which works once. Every session ends."""
        asked = given(shapes.ResetInput, request)
        count_token_tried(address=address(request))
        reset_password(**asked, now=wall_now(), origin=origin(request))
        return nothing()


class ChangePassword(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="auth_password_change", request=shapes.ChangePasswordInput, responses=_DONE)
    def post(self, request: Request) -> Response:
        """A new password, with the current one. Every other session ends."""
        asked = given(shapes.ChangePasswordInput, request)
        user, session = signed_in(request), own_session(request)
        count_password_asked(user_id=user.id)
        change_password(
            user_id=user.id,
            current=asked["current_password"],
            password=asked["password"],
            now=wall_now(),
            keep=session.id if session else None,
            origin=origin(request),
        )
        return nothing()
