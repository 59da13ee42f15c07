"""What the header of every page shows to whoever is signed in."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from alerts.selectors.inbox import unread_count


def inbox(request: HttpRequest) -> dict[str, Any]:
    """`unread`: how many messages wait. Asked only where a page shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"unread": SimpleLazyObject(lambda: unread_count(user.pk))}
