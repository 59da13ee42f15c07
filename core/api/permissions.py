"""Who may ask: signed-in users who confirmed their address, where that is required of them."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request

from core.lib.errors import EmailNotVerified


class ReadOrConfirmed(BasePermission):
    """The default: anybody, but somebody who has still to confirm the address changes nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in SAFE_METHODS:
            _refuse_unconfirmed(request)
        return True


class Confirmed(IsAuthenticated):
    """Signed in, with an address that is confirmed where that is required."""

    def has_permission(self, request: Request, view: Any) -> bool:
        known = super().has_permission(request, view)
        if known:
            _refuse_unconfirmed(request)
        return known


def _refuse_unconfirmed(request: Request) -> None:
    if getattr(request.user, "must_confirm_email", False):
        raise EmailNotVerified("Confirm your e-mail address first: follow the link in our mail.")
