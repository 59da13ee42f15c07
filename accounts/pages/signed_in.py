"""The user of a page that only signed-in users reach, and what services that change the own account ask for."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.models import User
from accounts.services.attempts import count_password_asked
from accounts.services.audit import origin_of
from accounts.services.browsers import NAME
from core.lib.clock import wall_now

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  login_required saw to it
    return request.user


def own_session_id(request: HttpRequest) -> UUID:
    return UUID(request.session[NAME])


def owner(request: HttpRequest) -> dict[str, Any]:
    """Whose account it is, when, and from where."""
    return {"user_id": signed_in(request).id, "now": wall_now(), "origin": origin_of(request)}


def counted_owner(request: HttpRequest) -> dict[str, Any]:
    """The same where a password or a code is asked for again: who tries too often is told to wait (TooMany)."""
    count_password_asked(user_id=signed_in(request).id)
    return owner(request)


def confirmed_required(view: View) -> View:
    """Signed in, with an address that is confirmed where that is required: the page's counterpart of the API's
    `Confirmed`. Who has still to do that is led to where the mail can be asked for again."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if signed_in(request).must_confirm_email:
            messages.error(request, "Confirm your e-mail address first: follow the link in our mail.")
            return redirect("resend-verification")
        return view(request, *args, **kwargs)

    return login_required(shown)  # type: ignore[return-value]
