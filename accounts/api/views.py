"""The calls under `auth/`. Their replies hold secrets: no cache keeps them, and no key repeats them."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.api import serializers as shapes
from accounts.models import Session, User
from accounts.services.attempts import count_login, count_registration
from accounts.services.audit import origin_of
from accounts.services.login import log_in
from accounts.services.logout import log_out
from accounts.services.profile import change_profile
from accounts.services.registration import register
from accounts.services.tokens import TokenPair, open_session, rotate
from core.api.client_address import client_address
from core.api.envelope import answer, nothing
from core.lib.clock import wall_now

_NO_CONTENT = OpenApiResponse(description="Done.")


class Register(APIView):
    @extend_schema(
        operation_id="auth_register", request=shapes.RegisterInput, responses={201: shapes.UserAndTokensData}
    )
    def post(self, request: Request) -> Response:
        """A new account, and tokens for it. 409 where the e-mail or the username is taken."""
        given = _given(shapes.RegisterInput, request)
        count_registration(address=_address(request))
        now, origin = wall_now(), origin_of(request._request)
        user = register(**{**given, "preferences": _set(given.get("preferences"))}, now=now, origin=origin)
        tokens = open_session(user=user, now=now, origin=origin)
        return answer(_user_and_tokens(user, tokens), status=201)


class Login(APIView):
    @extend_schema(
        operation_id="auth_login", request=shapes.LoginInput, responses={200: shapes.UserAndTokensData}
    )
    def post(self, request: Request) -> Response:
        """Tokens for an e-mail and a password. A wrong password and an unknown e-mail get the same 401."""
        given = _given(shapes.LoginInput, request)
        count_login(email=given["email"], address=_address(request))
        user, tokens = log_in(**given, now=wall_now(), origin=origin_of(request._request))
        return answer(_user_and_tokens(user, tokens))


class Refresh(APIView):
    @extend_schema(
        operation_id="auth_refresh", request=shapes.RefreshInput, responses={200: shapes.TokensData}
    )
    def post(self, request: Request) -> Response:
        """New tokens for a refresh token, which works once. A repeat within 20 s gets the same successor."""
        given = _given(shapes.RefreshInput, request)
        tokens = rotate(refresh=given["refresh"], now=wall_now(), origin=origin_of(request._request))
        return answer({"tokens": _tokens(tokens)})


class Logout(APIView):
    @extend_schema(operation_id="auth_logout", request=shapes.LogoutInput, responses={204: _NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Ends the session of the access token, or of the refresh token in the body."""
        given = _given(shapes.LogoutInput, request)
        session = request.auth if isinstance(request.auth, Session) else None
        log_out(
            session=session,
            refresh=given.get("refresh"),
            now=wall_now(),
            origin=origin_of(request._request),
        )
        return nothing()


class Me(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="auth_me", responses={200: shapes.UserData})
    def get(self, request: Request) -> Response:
        """The own profile."""
        return answer(_user(_signed_in(request)))

    @extend_schema(
        operation_id="auth_me_change", request=shapes.ProfileInput, responses={200: shapes.UserData}
    )
    def patch(self, request: Request) -> Response:
        """Changes the username, and those preferences that are given; a preference of null is forgotten."""
        changes = _given(shapes.ProfileInput, request)
        return answer(_user(change_profile(user_id=_signed_in(request).id, changes=changes)))


def _given(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _set(preferences: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (preferences or {}).items() if value is not None}


def _signed_in(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the permission saw to it
    return request.user


def _address(request: Request) -> str:
    return client_address(request._request)


def _user(user: User) -> dict[str, Any]:
    return {"user": shapes.UserOutput(user).data}


def _tokens(tokens: TokenPair) -> dict[str, Any]:
    return dict(shapes.TokensOutput(tokens).data)


def _user_and_tokens(user: User, tokens: TokenPair) -> dict[str, Any]:
    return {**_user(user), "tokens": _tokens(tokens)}
