"""Who somebody is, by e-mail and password: for an unknown address the same answer after the same work."""

from datetime import datetime

from django.contrib.auth import authenticate
from django.db import transaction

from accounts.models import User
from accounts.models.names import normal_email
from accounts.services.attempts import count_code_tried, count_login
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.password_rules import LONGEST
from accounts.services.second_factor import takes_code
from accounts.services.tokens import TokenPair, open_session
from core.lib.errors import EmailNotVerified, FieldError, NotSignedIn

REFUSED = "The e-mail or the password is wrong."


def recognise(*, email: str, password: str, now: datetime, code: str = "", origin: Origin = NOWHERE) -> User:
    """The active user with this e-mail and password, and a code where the account has a second factor.

    Django's backend hashes the password for an unknown address too, so that the time tells nothing; a refusal
    costs the same queries whoever was named, and where the account is closed to strangers.
    """
    may = count_login(email=email, origin=origin, now=now)
    if "\0" in email or len(password) > LONGEST:
        email, password = "", password[:LONGEST]  # such an account cannot be, and the work stays the same
    user = authenticate(None, username=email, password=password)
    if not may or not isinstance(user, User):
        named = User.objects.filter(email=normal_email(email)).values_list("id", flat=True).first()
        record(Action.LOGIN_REFUSED, account_id=named, now=now, origin=origin)
        raise NotSignedIn(REFUSED)
    if user.must_confirm_email:
        raise EmailNotVerified("Confirm your e-mail address first: follow the link in our mail.")
    if user.second_factor_since:
        _ask_second_factor(user, code, now, origin)
    return user


def _ask_second_factor(user: User, code: str, now: datetime, origin: Origin) -> None:
    """Asked for after a right password only, and not to be guessed from however many addresses."""
    if not code:
        raise _refused_for_code("Write the six digits of your app, or a recovery code.")
    count_code_tried(user_id=user.id, origin=origin, now=now)
    if not takes_code(user, code, now):
        record(Action.LOGIN_REFUSED, account_id=user.id, now=now, origin=origin, detail="second factor")
        raise _refused_for_code("This code is wrong, or was used already.")


def _refused_for_code(message: str) -> NotSignedIn:
    return NotSignedIn(message, details=(FieldError("code", message),))


def log_in(
    *, email: str, password: str, now: datetime, code: str = "", origin: Origin = NOWHERE
) -> tuple[User, TokenPair]:
    """Tokens of a new session, for an app."""
    user = recognise(email=email, password=password, code=code, now=now, origin=origin)
    with transaction.atomic():
        User.objects.filter(id=user.id).update(last_login=now)
        record(Action.LOGGED_IN, account_id=user.id, actor_id=user.id, now=now, origin=origin, detail="app")
        return user, open_session(user=user, now=now, origin=origin)
