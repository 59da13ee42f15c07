"""Addresses that answer alike with and without a slash at their end, since a redirect would lose a body."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.urls.resolvers import RoutePattern


class EitherSlashPattern(RoutePattern):
    """A route written without a last slash, which also fits the same path with one (and not with two)."""

    def match(self, path: str) -> Any:
        if "\0" in path:  # no address holds one, and PostgreSQL refuses to look for it
            return None
        return super().match(path.removesuffix("/"))


def api_path(
    route: str,
    view: Callable[..., HttpResponseBase],
    kwargs: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> URLPattern:
    """Like `django.urls.path`, for routes under /api/: `api_path("market/token/<str:symbol>", view)`."""
    if route.endswith("/"):
        raise ValueError(f"Write the route {route} without its last slash.")
    pattern = EitherSlashPattern(route, name=name, is_endpoint=True)
    return URLPattern(pattern, view, dict(kwargs or {}), name)
