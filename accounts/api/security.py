"""A new password or address for who is signed in. Both ask for the password again, and end other sessions."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import serializers as shapes
from accounts.api.asking import address, counted_owner, given, own_session_id
from accounts.services.addresses import ask_new_address
from accounts.services.attempts import count_mail_asked
from accounts.services.passwords import change_password
from core.api.envelope import nothing
from core.api.permissions import Confirmed, SignedIn


class ChangePassword(APIView):
    permission_classes = [Confirmed]

    @extend_schema(
        operation_id="auth_password_change",
        request=shapes.ChangePasswordInput,
        responses={204: OpenApiResponse(description="Done.")},
    )
    def post(self, request: Request) -> Response:
        """A new password, with the current one. Other sessions end, and with `end_keys` every API key."""
        asked = given(shapes.ChangePasswordInput, request)
        change_password(**counted_owner(request), **asked, keep=own_session_id(request))
        return nothing()


class ChangeEmail(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="auth_email_change",
        request=shapes.ChangeEmailInput,
        responses={204: OpenApiResponse(description="Mail was sent to the address, unless somebody has it.")},
    )
    def post(self, request: Request) -> Response:
        """Sends a link to another address. Once it is followed the account moves there, and every session ends."""
        asked, owner = given(shapes.ChangeEmailInput, request), counted_owner(request)
        may = count_mail_asked(email=asked["email"], address=address(request))
        ask_new_address(**owner, **asked, may_mail=may)
        return nothing()
