"""Who of the staff sends a request, for the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import User
from accounts.services.administration import By
from accounts.services.audit import Action, origin_of, record
from core.lib.clock import wall_now
from core.lib.errors import Conflict


def by_staff(request: HttpRequest) -> By:
    assert isinstance(request.user, User)  # noqa: S101  the staff site lets nobody else in
    return By(actor_id=request.user.id, now=wall_now(), origin=origin_of(request))


@contextmanager
def refusals_told() -> Iterator[None]:
    """What a service refuses stands on the page that says so, as whatever else is forbidden."""
    try:
        yield
    except Conflict as refusal:
        raise PermissionDenied(refusal.message) from refusal


def note_deed(request: HttpRequest, what: str, about: Model | None) -> None:
    """What staff did to something that is nobody's account (`settings.STAFF_LOG`)."""
    by = by_staff(request)
    record(
        Action.STAFF_ACTED,
        account_id=None,
        actor_id=by.actor_id,
        now=by.now,
        origin=by.origin,
        about=about,
        detail=what,
    )
