"""What accounts does when Django says that somebody came in, through whichever door."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from accounts.services.audit import Action, origin_of, record
from core.lib.clock import wall_now


def note_site_entry(sender: Any, request: HttpRequest, user: User, **about: Any) -> None:
    record(
        Action.LOGGED_IN,
        account_id=user.id,
        actor_id=user.id,
        now=wall_now(),
        origin=origin_of(request),
        detail="site",
    )
