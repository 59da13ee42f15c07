"""The own API keys: listed, made and revoked by sessions alone, never by a key."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.asking import given, owner, signed_in
from accounts.models import ApiKey
from accounts.services.api_keys import api_keys_of, make_api_key, revoke_api_key
from core.api.envelope import answer, nothing
from core.api.fields import OneOf, PlainText, UtcDateTime
from core.api.pagination import page_of
from core.api.permissions import Confirmed
from core.api.schema import example
from core.lib.clock import wall_now


@example({"name": "my bot", "scopes": ["read"]})
class ApiKeyInput(serializers.Serializer[dict[str, Any]]):
    name = PlainText(max_length=50)
    scopes = serializers.ListField(child=OneOf(ApiKey.Scope.values), allow_empty=False, max_length=10)
    expires_at = UtcDateTime(required=False, allow_null=True)


class ApiKeyOutput(serializers.ModelSerializer[ApiKey]):
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    created_at = UtcDateTime(read_only=True)
    expires_at = UtcDateTime(read_only=True, allow_null=True)
    last_used_at = UtcDateTime(read_only=True, allow_null=True)

    class Meta:
        model = ApiKey
        fields = ("id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at")
        read_only_fields = fields


class NewApiKeyOutput(serializers.Serializer[Any]):
    api_key = ApiKeyOutput()
    key = serializers.CharField(help_text="Shown this once.")


class ApiKeys(APIView):
    permission_classes = [Confirmed]
    api_key_read_scope = None

    @extend_schema(operation_id="auth_api_keys", responses={200: ApiKeyOutput(many=True)})
    def get(self, request: Request) -> Response:
        """The keys that count, newest first."""
        page = page_of(api_keys_of(signed_in(request).id, wall_now()), request)
        return answer(ApiKeyOutput(page.items, many=True).data, page.meta)

    @extend_schema(operation_id="auth_api_key_make", request=ApiKeyInput, responses={201: NewApiKeyOutput})
    def post(self, request: Request) -> Response:
        """A new key, shown this once. Free plans have 3, pro plans 20 (409)."""
        asked = given(ApiKeyInput, request)
        row, key = make_api_key(**owner(request), **asked)
        return answer(NewApiKeyOutput({"api_key": row, "key": key}).data, status=201)


class OneApiKey(APIView):
    permission_classes = [Confirmed]

    @extend_schema(operation_id="auth_api_key_revoke", responses={204: OpenApiResponse(description="Done.")})
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revokes it: its next request is refused."""
        revoke_api_key(**owner(request), key_id=key_id)
        return nothing()
