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
from core.lib.clock import wall_now

log = structlog.get_logger(__name__)


def open_site_session(sender: Any, request: HttpRequest, user: User, **about: Any) -> None:
    open_browser_session(store=request.session, user=user, now=wall_now(), origin=origin_of(request))


def close_site_session(sender: Any, request: HttpRequest, **about: Any) -> None:
    """Django says so before it forgets the browser's own session."""
    because = "signed out"
    close_browser_session(store=request.session, because=because, now=wall_now(), origin=origin_of(request))


def close_live_feeds(sender: Any, session_id: UUID, **about: Any) -> None:
    close_feeds(session_id)


def send_owed_mail(sender: Any, mail_id: UUID, **about: Any) -> None:
    """What was done stands, whether or not the queue is there: the sweep sends what is left behind."""
    try:
        tasks.send_mail.delay(str(mail_id))
    except OperationalError as error:
        log.warning("mail_waits_for_the_sweep", error=type(error).__name__)
