"""What follows when somebody came in through whichever door, and when mail is owed."""

from typing import Any
from uuid import UUID

import structlog
from django.http import HttpRequest
from kombu.exceptions import OperationalError

from accounts import tasks
from accounts.models import User
from accounts.services.audit import Action, origin_of, record
from core.lib.clock import wall_now

log = structlog.get_logger(__name__)


def note_site_entry(sender: Any, request: HttpRequest, user: User, **about: Any) -> None:
    record(
        Action.LOGGED_IN,
        account_id=user.id,
        actor_id=user.id,
        now=wall_now(),
        origin=origin_of(request),
        detail="site",
    )


def send_owed_mail(sender: Any, mail_id: UUID, **about: Any) -> None:
    """What was done stands, whether or not the queue is there: the sweep sends what is left behind."""
    try:
        tasks.send_mail.delay(str(mail_id))
    except OperationalError as error:
        log.warning("mail_waits_for_the_sweep", error=type(error).__name__)
