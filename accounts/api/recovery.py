"""Confirming an address, and a forgotten password. Nothing here tells whether an address has an account."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import serializers as shapes
from accounts.api.asking import address, given, origin
from accounts.services.addresses import ask_verification, confirm_address
from accounts.services.attempts import count_mail_asked, count_token_tried
from accounts.services.passwords import ask_reset, reset_password
from core.api.envelope import nothing
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
        confirm_address(**asked, now=wall_now(), origin=origin(request))
        return nothing()


class ResendVerification(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="auth_resend_verification", request=shapes.EmailInput, responses=_PERHAPS)
    def post(self, request: Request) -> Response:
        """Sends the mail again, unless the address is confirmed or has no account: the answer is the same."""
        ask_verification(email=_address_to_mail(request), now=wall_now())
        return nothing()


class ForgotPassword(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="auth_password_forgot", request=shapes.EmailInput, responses=_PERHAPS)
    def post(self, request: Request) -> Response:
        """Sends a link for a new password, if the address has an account: the answer is the same."""
        ask_reset(email=_address_to_mail(request), now=wall_now())
        return nothing()


class ResetPassword(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="auth_password_reset", request=shapes.ResetInput, responses=_DONE)
    def post(self, request: Request) -> Response:
        """A new password, by the token of the mail, which works once. Every session and every API key ends."""
        asked = given(shapes.ResetInput, request)
        count_token_tried(address=address(request))
        reset_password(**asked, now=wall_now(), origin=origin(request))
        return nothing()


def _address_to_mail(request: Request) -> str:
    """Nobody's where this mailbox had enough for now: the work that follows stays the same."""
    email: str = given(shapes.EmailInput, request)["email"]
    return email if count_mail_asked(email=email, address=address(request)) else ""
