"""The staff site: signed in to on the site's own page, whose limits count the attempts."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, resolve_url
from unfold.sites import UnfoldAdminSite


class StaffSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold ships no types
    site_header = site_title = "Khalsi staff"
    index_title = "What needs a look"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            return HttpResponseForbidden("This account may not enter the staff site.")
        query = urlencode({"next": request.GET.get("next") or resolve_url("admin:index")})
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
