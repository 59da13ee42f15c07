"""What browsers are told to refuse, on every surface and on every kind of reply."""

import pytest
from django.urls import reverse

from tests.make.accounts import PASSWORD, a_user

pytestmark = pytest.mark.django_db
SURFACES = {
    "page": "/status",
    "account": "/account",
    "sign-in": "/sign-in",
    "admin": "/admin/",
    "operations": "/admin/operations/",
    "docs": "/api/docs/",
    "schema": "/api/schema/",
    "API": "/api/v1/market/sources",
    "health": "/health/live",
    "metrics": "/metrics",
    "page not found": "/nothing",
    "API not found": "/api/v1/nothing",
    "API refused": "/api/v1/market/tokens?limit=x",
}
ALLOWED = {  # beside 'self' and 'none'
    "admin": {"script-src": {"'unsafe-eval'"}, "style-src": {"'unsafe-inline'"}, "img-src": {"data:"}},
    "operations": {"script-src": {"'unsafe-eval'"}, "style-src": {"'unsafe-inline'"}, "img-src": {"data:"}},
}


@pytest.fixture
def https(settings):
    """As with an https SITE_URL."""
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


@pytest.fixture(params=SURFACES)
def reply(request, client, https):
    client.force_login(a_user("ada"))
    answer = client.get(SURFACES[request.param], secure=True)
    answer.surface = request.param
    return answer


def test_every_reply_says_what_browsers_may_do_with_it(reply):
    headers = reply.headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_every_reply_allows_own_scripts_and_styles_alone(reply):
    directives = reply.headers["Content-Security-Policy"].split("; ")
    policy = {name: set(words) for name, *words in map(str.split, directives)}
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}
    allowed = ALLOWED.get(reply.surface, {"img-src": {"data:"}})
    for name, words in policy.items():
        assert words <= {"'self'", "'none'"} | allowed.get(name, set()), name


def test_no_page_of_ours_brings_script_or_style_in_its_own_text(client):
    client.force_login(a_user("ada"))
    for name in ("page", "account", "sign-in", "page not found", "docs"):
        text = client.get(SURFACES[name]).content.decode()
        assert "<style" not in text and " style=" not in text and " onclick=" not in text, name
        assert all('src="' in tag or "application/json" in tag for tag in text.split("<script")[1:]), name


def test_cookies_are_for_the_server_alone_and_for_https(client, https):
    a_user("alice")
    client.get(reverse("sign-in"), secure=True)
    client.post(reverse("sign-in"), {"email": "alice@example.com", "password": PASSWORD}, secure=True)
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax"), name


def test_over_plain_http_nobody_is_bound_to_https(client):
    assert "Strict-Transport-Security" not in client.get("/status").headers
