"""Who somebody is, by e-mail and password: for an unknown address the same answer after the same work."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction

from accounts.models import User
from accounts.models.names import normal_email
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.passwords import LONGEST
from accounts.services.tokens import TokenPair, open_session
from core.lib.errors import NotAllowed, NotSignedIn

REFUSED = "The e-mail or the password is wrong."


class EmailNotVerified(NotAllowed):
    """Told after a right password only, so that nobody else learns whether the address has an account."""

    code = "EMAIL_NOT_VERIFIED"


def recognise(*, email: str, password: str, now: datetime, origin: Origin = NOWHERE) -> User:
    """The active user with this e-mail and password.

    Django's backend hashes the password for an unknown address too, so that the time tells nothing; a refusal
    costs the same queries whoever was named.
    """
    if "\0" in email or len(password) > LONGEST:
        email, password = "", password[:LONGEST]  # such an account cannot be, and the work stays the same
    user = authenticate(None, username=email, password=password)
    if not isinstance(user, User):
        named = User.objects.filter(email=normal_email(email)).values_list("id", flat=True).first()
        record(Action.LOGIN_REFUSED, account_id=named, now=now, origin=origin)
        raise NotSignedIn(REFUSED)
    if settings.REQUIRE_EMAIL_VERIFICATION and not user.email_verified:
        raise EmailNotVerified("Confirm your e-mail address first.")
    return user


def log_in(*, email: str, password: str, now: datetime, origin: Origin = NOWHERE) -> tuple[User, TokenPair]:
    """Tokens of a new session, for an app."""
    user = recognise(email=email, password=password, now=now, origin=origin)
    with transaction.atomic():
        User.objects.filter(id=user.id).update(last_login=now)
        record(Action.LOGGED_IN, account_id=user.id, actor_id=user.id, now=now, origin=origin, detail="app")
        return user, open_session(user=user, now=now, origin=origin)
