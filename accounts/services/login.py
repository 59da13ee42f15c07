"""Who somebody is, by e-mail and password: for an unknown address the same answer after the same work."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.models import User
from accounts.services.passwords import LONGEST
from accounts.services.tokens import TokenPair, open_session
from core.lib.errors import NotAllowed, NotSignedIn

REFUSED = "The e-mail or the password is wrong."


class EmailNotVerified(NotAllowed):
    """Told after a right password only, so that nobody else learns whether the address has an account."""

    code = "EMAIL_NOT_VERIFIED"


def recognise(*, email: str, password: str, request: HttpRequest | None = None) -> User:
    """The active user with this e-mail and password.

    Django's backend hashes the password for an unknown address too, so that the time tells nothing.
    """
    if "\0" in email or len(password) > LONGEST:
        email, password = "", password[:LONGEST]  # such an account cannot be, and the work stays the same
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        raise NotSignedIn(REFUSED)
    if settings.REQUIRE_EMAIL_VERIFICATION and not user.email_verified:
        raise EmailNotVerified("Confirm your e-mail address first.")
    return user


def log_in(
    *, email: str, password: str, now: datetime, user_agent: str = "", address: str | None = None
) -> tuple[User, TokenPair]:
    user = recognise(email=email, password=password)
    User.objects.filter(id=user.id).update(last_login=now)
    return user, open_session(user=user, now=now, user_agent=user_agent, address=address)
