"""What every page knows of its reader."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.selectors.preferences import preferences_of


def reader(request: HttpRequest) -> dict[str, Any]:
    """`chosen`: the reader's preferences, looked up where a template asks for one."""
    return {"chosen": SimpleLazyObject(lambda: preferences_of(getattr(request, "user", None)))}
