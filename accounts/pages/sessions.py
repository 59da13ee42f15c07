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

from accounts.pages.signed_in import own_session_id, owner, signed_in
from accounts.selectors.sessions import live_sessions_of
from accounts.services.sessions import end_own_session, end_sessions_of
from core.lib.clock import wall_now
from core.lib.errors import NotFound
from core.live.process import who_is_connected


@never_cache
@csrf_protect
@login_required
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    rows = live_sessions_of(signed_in(request).id, now=wall_now())[:200]
    connected = {UUID(one) for one in who_is_connected(wall_now()).by_session}
    context = {
        "heading": "Sessions",
        "sessions": rows,
        "own": own_session_id(request),
        "connected": connected,
    }
    return render(request, "accounts/sessions.html", context)


@never_cache
@csrf_protect
@login_required
@require_POST
def end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    try:
        end_own_session(**owner(request), session_id=session_id)
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    messages.success(request, "The session has ended.")
    return redirect("account-sessions")


@never_cache
@csrf_protect
@login_required
@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    end_sessions_of(**owner(request), by=signed_in(request).id, because="logged out everywhere")
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("sign-in")
