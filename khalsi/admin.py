"""The staff site: signed in to on the site's own page, whose limits count the attempts."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, resolve_url
from unfold.sites import UnfoldAdminSite

# The library's pages write their behaviour as expressions in attributes and their look in places, too; no other page
# of the site is allowed either.
_LAXER: Any = csp_update({"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]})


class StaffSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold ships no types
    index_title = "What needs a look"

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        return _LAXER(super().admin_view(view, cacheable))  # type: ignore[no-any-return]

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff with a second factor; those without one are led to setting it up."""
        return super().has_permission(request) and bool(getattr(request.user, "second_factor_since", None))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            if getattr(request.user, "is_staff", False):
                return redirect("account-second-factor")
            return HttpResponseForbidden("This account may not enter the staff site.")
        query = urlencode({"next": request.GET.get("next") or resolve_url("admin:index")})
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
