"""Who of the staff sends a request, for the audit log."""

from django.http import HttpRequest

from accounts.models import User
from accounts.services.administration import By
from accounts.services.audit import origin_of
from core.lib.clock import wall_now


def by_staff(request: HttpRequest) -> By:
    assert isinstance(request.user, User)  # noqa: S101  the staff site lets nobody else in
    return By(actor_id=request.user.id, now=wall_now(), origin=origin_of(request))
