"""What the calls under `auth/` read of a request."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer

from accounts.models import Session, User
from accounts.services.audit import Origin, origin_of
from core.api.client_address import client_address


def given(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def signed_in(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the permission saw to it
    return request.user


def own_session(request: Request) -> Session | None:
    return request.auth if isinstance(request.auth, Session) else None


def address(request: Request) -> str:
    return client_address(request._request)


def origin(request: Request) -> Origin:
    return origin_of(request._request)
