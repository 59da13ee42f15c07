"""The calls under `user/` that concern the whole of what is known about somebody."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import counted_owner, given, owner, signed_in
from accounts.api.serializers import CodeInput, PasswordInput
from accounts.services.attempts import count_export
from accounts.services.deletion import delete_own_account, note_export
from core.api.envelope import nothing
from core.api.permissions import SignedIn
from core.api.schema import example
from core.api.streaming import streamed
from khalsi.personal_data import FILENAME, everything_about


@example({"password": "quiet rivers bend twice"})
class DeletionInput(serializers.Serializer[dict[str, Any]]):
    password = PasswordInput(max_length=1024)
    code = CodeInput(required=False)


class Export(APIView):
    permission_classes = [SignedIn]
    api_key_read_scope = None

    @extend_schema(operation_id="user_export", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> StreamingHttpResponse:
        """Everything that is stored about me, streamed, by name of what it is. Ten times an hour."""
        user = signed_in(request)
        count_export(user_id=user.id)
        note_export(**owner(request))
        return streamed(everything_about(user.id), FILENAME)


class Account(APIView):
    permission_classes = [SignedIn]
    deletion_input = DeletionInput

    @extend_schema(operation_id="user_delete", responses={204: OpenApiResponse(description="Gone.")})
    def delete(self, request: Request) -> Response:
        """Deletes the account, for good: by its password, and a code where there is a second factor."""
        asked = given(DeletionInput, request)
        delete_own_account(**counted_owner(request), **asked)
        return nothing()
