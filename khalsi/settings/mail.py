"""Outgoing mail: a server named by EMAIL_URL, or a folder in `DATA` that the developer reads."""

import environ
from django.core.exceptions import ImproperlyConfigured

from khalsi.settings import env
from khalsi.settings.auth import REQUIRE_EMAIL_VERIFICATION

_SCHEMES = ("smtp://", "smtp+tls://", "smtp+ssl://")


def _server(url: str) -> dict[str, object]:
    """Django's settings for a server; without TLS only where that was asked for by `smtp://`."""
    found = environ.Env.email_url_config(url) if url.startswith(_SCHEMES) else {}
    if not found.get("EMAIL_HOST"):
        raise ImproperlyConfigured("EMAIL_URL: write smtp+tls://user:password@host:587 or smtp+ssl://….")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": found["EMAIL_HOST"],
        "EMAIL_PORT": found["EMAIL_PORT"] or 25,
        "EMAIL_HOST_USER": found["EMAIL_HOST_USER"] or "",
        "EMAIL_HOST_PASSWORD": found["EMAIL_HOST_PASSWORD"] or "",
        "EMAIL_USE_TLS": url.startswith("smtp+tls://"),
        "EMAIL_USE_SSL": url.startswith("smtp+ssl://"),
    }


_URL = env.text("EMAIL_URL")
if not _URL and not env.DEBUG and REQUIRE_EMAIL_VERIFICATION:
    raise ImproperlyConfigured(
        "EMAIL_URL: nobody could confirm an address without a mail server; write smtp+tls://user:password@host:587,"
        " or REQUIRE_EMAIL_VERIFICATION=false."
    )
OUTBOX = env.DATA / "outbox"
EMAIL_BACKEND = "core.net.outbox.OutboxBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "Khalsi <khalsi@localhost>")
if _URL:
    globals().update(_server(_URL))
