"""Who may ask: signed-in users who confirmed their address, where that is required, and keys within their scope."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request

from core.lib.errors import EmailNotVerified, NotAllowed


class WithinScope(BasePermission):
    """A key reads where its scopes say `read`, and changes what the view's `api_key_scope` names, if it names one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scopes = getattr(request.auth, "scopes", None)
        if scopes is None:
            return True
        is_reading = request.method in SAFE_METHODS
        needed = (
            getattr(view, "api_key_read_scope", "read")
            if is_reading
            else getattr(view, "api_key_scope", None)
        )
        if needed is None:
            raise NotAllowed("API keys may not do this; log in.")
        if needed not in scopes:
            raise NotAllowed(f"This API key lacks the scope {needed}.")
        return True


class ReadOrConfirmed(WithinScope):
    """The default: anybody, but somebody who has still to confirm the address changes nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in SAFE_METHODS:
            _refuse_unconfirmed(request)
        return super().has_permission(request, view)


class SignedIn(IsAuthenticated):
    """Signed in, whether or not the address is confirmed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and WithinScope().has_permission(request, view)


class Confirmed(SignedIn):
    """Signed in, with an address that is confirmed where that is required."""

    def has_permission(self, request: Request, view: Any) -> bool:
        known = super().has_permission(request, view)
        if known:
            _refuse_unconfirmed(request)
        return known


def _refuse_unconfirmed(request: Request) -> None:
    if getattr(request.user, "must_confirm_email", False):
        raise EmailNotVerified("Confirm your e-mail address first: follow the link in our mail.")
