"""Users of a benchmark, written straight into its scratch database. Enter a `Scratch` first."""

from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.services.audit import NOWHERE
from accounts.services.browsers import open_browser_session
from accounts.services.tokens import TokenPair, open_session
from core.lib.clock import wall_now

PASSWORD = "seven green kettles sing"


@cache
def _hashed() -> str:
    """At full cost, as real ones are; all users have the same."""
    return make_password(PASSWORD)


def people(names: list[str], **fields: Any) -> list[User]:
    fields = {"email_verified": True, **fields}
    users = [User(email=f"{name}@example.com", password=_hashed(), **fields) for name in names]
    return User.objects.bulk_create(users)


def tokens(user: User) -> TokenPair:
    return open_session(user=user, now=wall_now())


def cookie_of(user: User) -> str:
    """Of a browser in which this user is signed in."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    open_browser_session(store=store, user=user, now=wall_now(), origin=NOWHERE)
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"
