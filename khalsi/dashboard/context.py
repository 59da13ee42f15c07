"""What every page knows: which market it shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def market(request: HttpRequest) -> dict[str, Any]:
    return {"market": settings.MARKET}
