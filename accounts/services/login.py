"""Who somebody is, by e-mail and password: for an unknown address the same answer after the same work."""

from datetime import datetime

from django.contrib.auth import authenticate
from django.db import transaction

from accounts.models import User
from accounts.models.names import normal_email
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.password_rules import LONGEST
from accounts.services.tokens import TokenPair, open_session
from core.lib.errors import EmailNotVerified, NotSignedIn

REFUSED = "The e-mail or the password is wrong."


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
    if user.must_confirm_email:
        raise EmailNotVerified("Confirm your e-mail address first: follow the link in our mail.")
    return user


def log_in(*, email: str, password: str, now: datetime, origin: Origin = NOWHERE) -> tuple[User, TokenPair]:
    """Tokens of a new session, for an app."""
    user = recognise(email=email, password=password, now=now, origin=origin)
    with transaction.atomic():
        User.objects.filter(id=user.id).update(last_login=now)
        record(Action.LOGGED_IN, account_id=user.id, actor_id=user.id, now=now, origin=origin, detail="app")
        return user, open_session(user=user, now=now, origin=origin)
