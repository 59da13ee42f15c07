"""The API: one renderer, one parser, one handler for refusals, limits, and the OpenAPI document."""

from khalsi import VERSION
from khalsi.settings import env

APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
RATE_LIMIT_WINDOW_SECONDS = env.whole("RATE_LIMIT_WINDOW", 15, 1) * 60
RATE_LIMIT_MAX = env.whole("RATE_LIMIT_MAX", 100)
"""Requests per window and anonymous address; 0 switches the limit off (for benchmarks)."""
LOGINS_MAX = env.whole("LOGINS_MAX", 5000, 1)
REGISTRATIONS_MAX = env.whole("REGISTRATIONS_MAX", 500, 1)
MAILS_MAX = env.whole("MAILS_MAX", 2000, 1)
"""Of all clients together: log-ins in 15 minutes, registrations and mails asked for in an hour."""
TRUSTED_PROXIES = tuple(env.words("TRUSTED_PROXIES"))
API_CALLER = "accounts.api.authentication.caller"
API_MAY_READ = "accounts.api.authentication.may_read"
API_CREDENTIAL_NAME = "accounts.api.authentication.credential_name"
METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_ALLOWED = env.networks("METRICS_ALLOWED", "127.0.0.0/8,::1")
CORS_ALLOWED_ORIGINS = env.words("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/"

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["core.api.envelope.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.ReadOrConfirmed"],
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is 405 and tells the methods, not how it is made
    "EXCEPTION_HANDLER": "core.api.errors.handle",
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.CallSchema",
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
    "ENUM_NAME_OVERRIDES": {
        "TimeframeEnum": ["15m", "1h", "4h", "1d", "7d", "14d", "30d"],
        "AlertKindEnum": "alerts.conditions.kinds.KINDS",
        "ChannelKindEnum": "alerts.channels.CHANNELS",
        "TransactionKindEnum": ["buy", "sell", "transfer_in", "transfer_out", "reward", "airdrop", "fee"],
        "HistoryKindEnum": ["trades", "deposits", "withdrawals"],
        "ImportStateEnum": ["checking", "ready", "running", "done", "failed", "undoing", "undone"],
        "IssueKindEnum": [
            "unknown_token",
            "short_history",
            "unmatched_transfer",
            "unknown_worth",
            "unknown_fee",
            "missing_price",
            "balance_differs",
            "stale_connection",
        ],
        "RightsEnum": ["read_only", "can_do_more", "unknown"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.wrap_in_envelope",
    ],
}
