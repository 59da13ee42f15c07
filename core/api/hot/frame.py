"""The headers that Django's middleware puts on every reply, so that an early answer carries them too.

They are not listed here: a stub reply is sent through the real middleware once, so what the settings add is
added.
"""

from functools import lru_cache
from io import BytesIO

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

Headers = tuple[tuple[str, str], ...]

_PATH = "/api/v1/health"
"""Counts against no limit."""
_OWN = {"content-type", "content-length", "etag", "cache-control", "x-request-id"}
"""These belong to one reply, not to all."""


class _StubHandler(BaseHandler):
    def _get_response(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(b"{}", content_type="application/json")


@lru_cache(maxsize=2)
def frame(is_secure: bool) -> Headers | None:
    """The headers by scheme; None where the middleware would not let a public reply through (a redirect to
    https)."""
    handler = _StubHandler()
    handler.load_middleware()
    response = handler.get_response(_request(is_secure))
    response.close()
    if response.status_code != 200:
        return None
    return tuple((name, value) for name, value in response.items() if name.lower() not in _OWN)


def _request(is_secure: bool) -> WSGIRequest:
    host = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": _PATH,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": "443" if is_secure else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host,
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "https" if is_secure else "http",
    }
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value if is_secure else "http"
    return WSGIRequest(environ)
