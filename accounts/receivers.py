"""What follows when somebody came in through whichever door, when a session ends, and when mail is owed."""

from typing import Any
from uuid import UUID

import structlog
from django.http import HttpRequest
from kombu.exceptions import OperationalError

from accounts import tasks
from accounts.feed import close_feeds
from accounts.models import User
from accounts.services.audit import origin_of
from accounts.services.browsers import close_browser_session, open_browser_session
from core.api.standing import forget
from core.lib.clock import wall_now

_NO_RIGHTS = {"last_login", "preferences", "username", "username_key", "is_superuser"}
"""Columns that say nothing of what somebody may do; the role alone makes a superuser."""

log = structlog.get_logger(__name__)


def open_site_session(sender: Any, request: HttpRequest, user: User, **about: Any) -> None:
    open_browser_session(store=request.session, user=user, now=wall_now(), origin=origin_of(request))


def close_site_session(sender: Any, request: HttpRequest, **about: Any) -> None:
    """Django says so before it forgets the browser's own session."""
    because = "signed out"
    close_browser_session(store=request.session, because=because, now=wall_now(), origin=origin_of(request))


def forget_rights(sender: Any, instance: User, update_fields: Any = None, **about: Any) -> None:
    """Whatever was changed of a user, and by whom: the next request knows."""
    if update_fields is None or set(update_fields) - _NO_RIGHTS:
        forget(instance.pk)


def close_live_feeds(sender: Any, session_id: UUID, **about: Any) -> None:
    close_feeds(session_id)


def send_owed_mail(sender: Any, mail_id: UUID, **about: Any) -> None:
    """What was done stands, whether or not the queue is there: the sweep sends what is left behind."""
    try:
        tasks.send_mail.delay(str(mail_id))
    except OperationalError as error:
        log.warning("mail_waits_for_the_sweep", error=type(error).__name__)
