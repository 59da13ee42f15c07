"""A phone with an authenticator app, and what it takes to log in with it."""

from datetime import datetime, timedelta

import pyotp

from accounts.models import User
from accounts.services import second_factor
from accounts.services.login import recognise
from core.lib.clock import wall_now
from tests.make.accounts import PASSWORD

NOW = wall_now()


def enrolled(user: User, at: datetime = NOW) -> tuple[pyotp.TOTP, list[str]]:
    """The app on the phone, and the recovery codes. The code of `at` is used up."""
    app = pyotp.TOTP(second_factor.begin(user_id=user.id, password=PASSWORD, now=at).secret)
    codes = second_factor.confirm(user_id=user.id, code=app.at(at), now=at)
    user.refresh_from_db()
    return app, codes


def logged_in(code: str, at: datetime = NOW, email: str = "alice@example.com") -> User:
    return recognise(email=email, password=PASSWORD, code=code, now=at)


def later(steps: int) -> datetime:
    return NOW + timedelta(seconds=30 * steps)
