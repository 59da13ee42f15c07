"""The API: one renderer, one parser, one handler for refusals, limits, and the OpenAPI document."""

from khalsi import VERSION
from khalsi.settings import env

APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
RATE_LIMIT_WINDOW_SECONDS = env.whole("RATE_LIMIT_WINDOW", 15, 1) * 60
RATE_LIMIT_MAX = env.whole("RATE_LIMIT_MAX", 100)
"""Requests per window and anonymous address; 0 switches the limit off (for benchmarks)."""
TRUSTED_PROXIES = tuple(env.words("TRUSTED_PROXIES"))
API_CALLER = "accounts.api.authentication.caller"
CORS_ALLOWED_ORIGINS = env.words("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/"

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["core.api.envelope.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.ReadOrConfirmed"],
    "EXCEPTION_HANDLER": "core.api.errors.handle",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "URL_FORMAT_OVERRIDE": None,  # ?format= is no business of ours, and must not turn a reply into a 404
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Khalsi",
    "DESCRIPTION": "Forecasts of the Solana market, published before the fact and scored in the open.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.wrap_in_envelope",
    ],
}
