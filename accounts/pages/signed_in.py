"""The user of a page that only signed-in users reach."""

from django.http import HttpRequest

from accounts.models import User


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  login_required saw to it
    return request.user
