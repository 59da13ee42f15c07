"""The own profile: what others would see of one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.pages.form_page import form_page, sent
from accounts.pages.forms import ProfileForm
from accounts.pages.signed_in import signed_in
from accounts.services.profile import change_profile


@never_cache
@csrf_protect
@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)

    def change(said: dict[str, Any]) -> HttpResponse:
        change_profile(user_id=user.id, changes=said)
        messages.success(request, "Your profile is changed.")
        return redirect("account")

    form = ProfileForm(sent(request), initial={"username": user.username or ""})
    return form_page(request, form, "accounts/profile.html", change, heading="Profile")
