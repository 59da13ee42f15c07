"""The calls under `auth/`. Their replies hold secrets: no cache keeps them, and no key repeats them."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import serializers as shapes
from accounts.api.asking import address, given, origin, own_session, signed_in
from accounts.models import User
from accounts.services.attempts import count_registration
from accounts.services.login import log_in
from accounts.services.logout import log_out
from accounts.services.profile import change_profile
from accounts.services.registration import register
from accounts.services.tokens import TokenPair, open_session, rotate
from core.api.envelope import answer, nothing
from core.api.permissions import SignedIn
from core.lib.clock import wall_now

_NO_CONTENT = OpenApiResponse(description="Done.")


class Register(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="auth_register", request=shapes.RegisterInput, responses={201: shapes.UserAndTokensData}
    )
    def post(self, request: Request) -> Response:
        """A new account, and tokens for it. 409 where the e-mail or the username is taken."""
        asked = given(shapes.RegisterInput, request)
        count_registration(address=address(request))
        now = wall_now()
        user = register(
            **{**asked, "preferences": _set(asked.get("preferences"))}, now=now, origin=origin(request)
        )
        tokens = open_session(user=user, now=now, origin=origin(request))
        return answer(_user_and_tokens(user, tokens), status=201)


class Login(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="auth_login", request=shapes.LoginInput, responses={200: shapes.UserAndTokensData}
    )
    def post(self, request: Request) -> Response:
        """Tokens for an e-mail and a password. A wrong password and an unknown e-mail get the same 401."""
        asked = given(shapes.LoginInput, request)
        user, tokens = log_in(**asked, now=wall_now(), origin=origin(request))
        return answer(_user_and_tokens(user, tokens))


class Refresh(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="auth_refresh", request=shapes.RefreshInput, responses={200: shapes.TokensData}
    )
    def post(self, request: Request) -> Response:
        """New tokens for a refresh token, which works once. A repeat within 20 s gets the same successor."""
        asked = given(shapes.RefreshInput, request)
        tokens = rotate(refresh=asked["refresh"], now=wall_now(), origin=origin(request))
        return answer({"tokens": _tokens(tokens)})


class Logout(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="auth_logout", request=shapes.LogoutInput, responses={204: _NO_CONTENT})
    def post(self, request: Request) -> Response:
        """Ends the session of the access token, or of the refresh token in the body."""
        asked = given(shapes.LogoutInput, request)
        log_out(
            session=own_session(request),
            refresh=asked.get("refresh"),
            now=wall_now(),
            origin=origin(request),
        )
        return nothing()


class Me(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="auth_me", responses={200: shapes.UserData})
    def get(self, request: Request) -> Response:
        """The own profile."""
        return answer(_user(signed_in(request)))

    @extend_schema(
        operation_id="auth_me_change", request=shapes.ProfileInput, responses={200: shapes.UserData}
    )
    def patch(self, request: Request) -> Response:
        """Changes the username, and those preferences that are given; a preference of null is forgotten."""
        changes = given(shapes.ProfileInput, request)
        return answer(_user(change_profile(user_id=signed_in(request).id, changes=changes)))


def _set(preferences: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (preferences or {}).items() if value is not None}


def _user(user: User) -> dict[str, Any]:
    return {"user": shapes.UserOutput(user).data}


def _tokens(tokens: TokenPair) -> dict[str, Any]:
    return dict(shapes.TokensOutput(tokens).data)


def _user_and_tokens(user: User, tokens: TokenPair) -> dict[str, Any]:
    return {**_user(user), "tokens": _tokens(tokens)}
