"""Errors told to Sentry, where SENTRY_DSN names one: the same as in the log, without secrets."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.lib.redaction import hidden
from khalsi import VERSION


def start() -> None:
    """Nothing without SENTRY_DSN."""
    if not settings.SENTRY_DSN:
        return
    try:
        import sentry_sdk
    except ImportError as error:
        raise ImproperlyConfigured(
            'SENTRY_DSN: install the library first (pip install "$(python tools/extra.py sentry)"), or leave it empty.'
        ) from error
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=VERSION,
        before_send=before_send,
        before_breadcrumb=before_send,
        send_default_pii=False,
        include_local_variables=False,
        traces_sample_rate=0.0,
    )


def before_send(event: dict[str, Any], hint: Any = None) -> dict[str, Any]:
    told: dict[str, Any] = hidden(event)
    return told
