"""Whose browser it is: Django's own middleware, with a session that can be ended."""

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.services.browsers import browser_session
from core.lib.clock import wall_now


class BrowserMiddleware(AuthenticationMiddleware):
    """As many queries as Django's: the user comes with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def _user_of(request: HttpRequest) -> User | AnonymousUser:
    session = browser_session(request.session, wall_now())
    if session is not None:
        return session.user
    if SESSION_KEY in request.session:
        request.session.flush()  # it has ended; nothing of it may be carried into the next one
    return AnonymousUser()
