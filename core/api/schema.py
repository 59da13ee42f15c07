"""The OpenAPI document as the API really answers: every reply in its envelope, every refusal listed."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_media_type_object
from drf_spectacular.utils import Direction, OpenApiExample, extend_schema_serializer

Shape = TypeVar("Shape", bound=type)
ENVELOPED = "/api/v1/"
BARE = ("/api/v1/health",)
"""Paths whose replies are flat by contract."""
READS = {"get", "head", "options"}
OPERATIONS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"

_FAILURE: dict[str, Any] = {
    "type": "object",
    "required": ["success", "error"],
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {
                "code": {"type": "string", "example": "VALIDATION_ERROR"},
                "message": {"type": "string", "description": "What happened and what to do, for people."},
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["field", "message"],
                        "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                    },
                },
                "request_id": {"type": "string"},
                "retry_after": {"type": "integer", "description": "Seconds; with 429."},
            },
        },
    },
}
_META: dict[str, Any] = {
    "type": "object",
    "description": "What a whole series shares stands here too, such as observed_at, source and freshness.",
    "required": ["count", "next", "previous"],
    "additionalProperties": True,
    "properties": {
        "count": {"type": "integer", "nullable": True},
        "next": {"type": "string", "nullable": True},
        "previous": {"type": "string", "nullable": True},
    },
}
_SCHEMES: dict[str, Any] = {
    "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Authorization: Api-Key <key>`",
    },
}
_ALWAYS = {
    "400": "VALIDATION_ERROR: a parameter or the body is at fault",
    "401": "UNAUTHORIZED: a credential is missing, bad or expired",
    "403": "FORBIDDEN: not yours to do, or not within the API key's scopes · EMAIL_NOT_VERIFIED",
    "406": "NOT_ACCEPTABLE: the reply can only be JSON",
    "429": "RATE_LIMITED: wait as long as Retry-After says",
    "500": "INTERNAL_ERROR: the request id helps to find it",
    "503": "SERVICE_UNAVAILABLE or SOURCE_UNAVAILABLE: try again later",
}
_WITH_BODY = {
    "413": "PAYLOAD_TOO_LARGE: the body is too large",
    "415": "UNSUPPORTED_MEDIA_TYPE: send application/json",
    "409": "CONFLICT: it does not fit what there is, or its Idempotency-Key belongs to another request",
}
_WITH_NAME = {"404": "NOT_FOUND: there is no such thing, or it is not yours"}
_NAMING = {"id", "page", "symbol"}
"""Parameters and fields that name something which may not be there."""
_OF_A_TOKEN = {"422": "INSUFFICIENT_DATA: there is not enough history for this"}


class CallSchema(AutoSchema):
    """A deletion that asks for something, such as the password again, names its body as `deletion_input`."""

    def _get_request_body(self, direction: Direction = "request") -> Any:
        shape = getattr(self.view, "deletion_input", None) if self.method == "DELETE" else None
        if shape is None:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        component = self.resolve_serializer(shape, direction)
        examples = self._get_examples(shape(), direction, _JSON)  # type: ignore[no-untyped-call]
        return {"content": {_JSON: build_media_type_object(component.ref, examples)}, "required": True}


def example(body: dict[str, Any]) -> Callable[[Shape], Shape]:
    """Puts a body that would be taken beside the shape of what a call takes."""
    shown = OpenApiExample("usual", value=body, request_only=True)
    return extend_schema_serializer(examples=[shown])


def wrap_in_envelope(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's last hook."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Failure"] = _FAILURE
    components.setdefault("securitySchemes", {}).update(_SCHEMES)
    for path, operations in result.get("paths", {}).items():
        if not path.startswith(ENVELOPED):
            continue
        for method in OPERATIONS:
            if method in operations:
                _complete(path, method, operations[method], components["schemas"])
    return result


def _complete(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    if not path.startswith(BARE):
        for status, response in responses.items():
            if status.startswith("2"):
                _wrap(response)
    refusals = dict(_ALWAYS)
    if method not in READS:
        refusals.update(_WITH_BODY)
    if "{" in path or _NAMING & (_names(operation) | _fields(operation, schemas)):
        refusals.update(_WITH_NAME)
    if "{symbol}" in path and method in READS:
        refusals.update(_OF_A_TOKEN)
    for status, description in refusals.items():
        responses.setdefault(status, _failure(description))
    _offer_credentials(operation)


def _names(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", ())}


def _fields(operation: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """Of the body."""
    schema = operation.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema", {})
    named = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return set(schemas.get(named, schema).get("properties", ()))


def _wrap(response: dict[str, Any]) -> None:
    content = response.get("content", {}).get(_JSON)
    if content is None or "success" in content.get("schema", {}).get("properties", {}):
        return
    inner = content.get("schema", {})
    properties: dict[str, Any] = {"success": {"type": "boolean", "enum": [True]}, "data": inner}
    if inner.get("type") == "array":
        properties["meta"] = _META
    content["schema"] = {"type": "object", "required": ["success", "data"], "properties": properties}


def _failure(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Failure"}}},
    }


def _offer_credentials(operation: dict[str, Any]) -> None:
    """Whatever an authenticator called itself, these two are what a client may send; `{}` means none is
    needed."""
    is_open = not operation.get("security") or {} in operation["security"]
    operation["security"] = [{"Bearer": []}, {"ApiKey": []}, *([{}] if is_open else [])]
