"""Revalidation: strong ETags made from the bytes, If-None-Match, 304, and who may keep a reply for how
long."""

from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

NO_STORE = "no-store"


def etag_of(body: bytes) -> str:
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Weak comparison with a list of tags or `*` (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    if if_none_match == etag:
        return True
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in tags)


def public(max_age: int) -> str:
    """The Cache-Control of a reply that is the same for everybody."""
    return f"public, max-age={max_age}"


def finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Nothing is kept that doesn't say so; what is public gets its ETag, and 304 where the client has it
    already."""
    response.headers.setdefault("Cache-Control", NO_STORE)
    is_public = response.headers["Cache-Control"].startswith("public")
    if response.status_code == 304:
        return _without_body_headers(response)
    is_read = request.method in ("GET", "HEAD") and response.status_code == 200
    if not (is_read and is_public and isinstance(response, HttpResponse)):
        return response
    if "ETag" not in response.headers:
        response.headers["ETag"] = etag_of(response.content)
    known = matches(request.META.get("HTTP_IF_NONE_MATCH"), response.headers["ETag"])
    return not_modified(response) if known else response


def not_modified(response: HttpResponse) -> HttpResponse:
    """The same reply without its body: a client goes on using what it has."""
    response.status_code = 304
    response.content = b""
    _without_body_headers(response)
    return response


def _without_body_headers(response: HttpResponseBase) -> HttpResponseBase:
    for name in ("Content-Type", "Content-Length"):
        response.headers.pop(name, None)
    return response
