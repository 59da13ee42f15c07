"""Users and their tokens. Alice owns it, Bob is a stranger, Sam is staff, Ada is the admin."""

from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.services.tokens import TokenPair, open_session
from core.lib.clock import wall_now

PASSWORD = "seven green kettles sing"

_ROLES = {"sam": User.Role.STAFF, "ada": User.Role.ADMIN}


def a_user(name: str = "alice", *, password: str = PASSWORD, **fields: Any) -> User:
    fields = {"username": name, "role": _ROLES.get(name, User.Role.USER), "email_verified": True, **fields}
    if fields["role"] in _ROLES.values():
        fields.setdefault("second_factor_since", wall_now())  # staff need one
    user = User(email=f"{name}@example.com", password=_hashed(password), **fields)
    user.save()
    return user


@cache
def _hashed(password: str) -> str:
    """A slow hash is made once, not for each test."""
    return make_password(password)


def tokens_for(user: User, *, now: datetime | None = None) -> TokenPair:
    return open_session(user=user, now=now or wall_now())


def bearer(user: User) -> dict[str, str]:
    """Headers for Django's test client: `client.get(path, headers=bearer(user))`."""
    return {"Authorization": f"Bearer {tokens_for(user).access}"}
