"""What is kept how long: ended sessions 30 days, used refresh tokens and links that count no more one day.

A refresh token that was forgotten still ends its family when it comes back, since only its session is asked for. The
audit log is kept for ever: the database refuses to delete from it.
"""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Model, Q, QuerySet

from accounts.models import OneTimeToken, RefreshToken, SecondFactor, Session

log = structlog.get_logger(__name__)

SESSIONS = timedelta(days=30)
USED_UP = timedelta(days=1)
_PIECE = 500


def clean_up(now: datetime) -> dict[str, int]:
    """How many rows of each went, in pieces, so that nobody waits long for the table."""
    ended, used_up = now - SESSIONS, now - USED_UP
    removed = {
        "sessions": _remove(Session.objects.filter(Q(ended_at__lt=ended) | Q(expires_at__lt=ended))),
        "refresh_tokens": _remove(RefreshToken.objects.filter(used_at__lt=used_up)),
        "links": _remove(OneTimeToken.objects.filter(Q(used_at__lt=used_up) | Q(expires_at__lt=used_up))),
        "enrolments": _remove(
            SecondFactor.objects.filter(begun_at__lt=used_up, user__second_factor_since=None)
        ),
    }
    _browser_store().clear_expired()
    log.info("accounts_cleaned_up", **removed)
    return removed


def _remove(rows: QuerySet[Any]) -> int:
    model: type[Model] = rows.model
    removed = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:_PIECE]):
        model._base_manager.filter(pk__in=keys).delete()
        removed += len(keys)
    return removed


def _browser_store() -> Any:
    """Django's own sessions, which browsers' cookies name."""
    return import_module(settings.SESSION_ENGINE).SessionStore
