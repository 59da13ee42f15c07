"""The staff site: signed in to on the site's own page, whose limits count the attempts."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, resolve_url
from django.urls import path, reverse
from unfold.sites import UnfoldAdminSite

# The library's pages write their behaviour as expressions in attributes and their look in places, too; no other page
# of the site is allowed either.
_LAXER: Any = csp_update({"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]})


class StaffSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold ships no types
    index_title = "What needs a look"

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        return _LAXER(super().admin_view(view, cacheable))  # type: ignore[no-any-return]

    def get_urls(self) -> list[Any]:
        from khalsi.operations.page import operations  # needs the apps, which this site is one of

        return [path("operations/", self.admin_view(operations), name="operations"), *super().get_urls()]

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

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One way for everybody: it asks for the present password, ends the other sessions and tells the owner."""
        return redirect("account-password")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands at the side: the page of operations, then every list that this person may see, by app."""
    lists = [
        {
            "title": app["name"],
            "separator": True,
            "items": [
                {"title": model["name"], "link": model["admin_url"]}
                for model in app["models"]
                if model["admin_url"]
            ],
        }
        for app in site.get_app_list(request)
    ]
    own = {"title": "Operations", "icon": "monitoring", "link": reverse("admin:operations")}
    return [{"items": [own]}, *lists]
