"""What the calls under `auth/` read of a request."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.serializers import Serializer

from accounts.models import Session, User
from accounts.services.attempts import count_password_asked
from accounts.services.audit import Origin, origin_of
from core.api.client_address import client_address
from core.lib.clock import wall_now


def given(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def signed_in(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the permission saw to it
    return request.user


def own_session(request: Request) -> Session | None:
    return request.auth if isinstance(request.auth, Session) else None


def own_session_id(request: Request) -> UUID | None:
    session = own_session(request)
    return session.id if session else None


def owner(request: Request) -> dict[str, Any]:
    """What services that change the own account ask for: whose it is, when, and from where."""
    return {"user_id": signed_in(request).id, "now": wall_now(), "origin": origin(request)}


def counted_owner(request: Request) -> dict[str, Any]:
    """The same where a password or a code is asked for again: who tries too often is told to wait (TooMany)."""
    count_password_asked(user_id=signed_in(request).id)
    return owner(request)


def address(request: Request) -> str:
    return client_address(request._request)


def origin(request: Request) -> Origin:
    return origin_of(request._request)
