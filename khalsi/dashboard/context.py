"""What every page knows: which market it shows, and what the time is there."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.lib.clock import iso, market_clock, wall_now
from khalsi import VERSION


def market(request: HttpRequest) -> dict[str, Any]:
    """`clock` lets scripts keep ages running; a page that shows figures passes its own `now` for them."""
    clock, wall = market_clock(), wall_now()
    now = clock.at(wall)
    return {
        "market": settings.MARKET,
        "market_time": now,
        "clock": {"market": iso(now), "wall": iso(wall), "speed": clock.speed},
        "version": VERSION,
    }
