"""The user of a page that only signed-in users reach, and the session of his browser."""

from uuid import UUID

from django.http import HttpRequest

from accounts.models import User
from accounts.services.browsers import NAME


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  login_required saw to it
    return request.user


def own_session_id(request: HttpRequest) -> UUID:
    return UUID(request.session[NAME])
