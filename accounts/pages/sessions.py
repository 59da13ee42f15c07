"""Where the own account is signed in, and ending that."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_POST

from accounts.pages.signed_in import own_session_id, signed_in
from accounts.selectors.sessions import live_sessions_of
from accounts.services.audit import origin_of
from accounts.services.sessions import end_own_session, end_sessions_of
from core.lib.clock import wall_now
from core.lib.errors import NotFound


@never_cache
@csrf_protect
@login_required
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    rows = live_sessions_of(signed_in(request).id, now=wall_now())[:200]
    own = own_session_id(request)
    return render(request, "accounts/sessions.html", {"heading": "Sessions", "sessions": rows, "own": own})


@never_cache
@csrf_protect
@login_required
@require_POST
def end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    try:
        end_own_session(
            user_id=signed_in(request).id, session_id=session_id, now=wall_now(), origin=origin_of(request)
        )
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    messages.success(request, "The session has ended.")
    return redirect("account-sessions")


@never_cache
@csrf_protect
@login_required
@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    because = "logged out everywhere"
    end_sessions_of(user_id=user.id, because=because, now=wall_now(), by=user.id, origin=origin_of(request))
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("sign-in")
