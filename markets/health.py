"""This app's line of the health report: are prices fresh, and are their sources reachable?"""

from datetime import datetime
from typing import Literal, TypedDict

from core.lib.clock import iso, wall_now
from markets.freshness import quote_freshness
from markets.selectors.latest import newest_observation
from markets.selectors.sources import missed_stream, troubled_sources


class Check(TypedDict):
    status: Literal["healthy", "degraded", "unhealthy"]
    detail: str


def market_source_check(now: datetime) -> Check:
    """`now` is market time. Stale data is shown as such, so it degrades and never more."""
    newest = newest_observation()
    if newest is None:
        return {"status": "degraded", "detail": "No price has come yet."}
    troubled = troubled_sources()
    if quote_freshness(newest, now) == "stale":
        because = f"; {', '.join(troubled)} cannot be reached" if troubled else ""
        return {
            "status": "degraded",
            "detail": f"The newest price is of {iso(newest.replace(microsecond=0))}{because}.",
        }
    if troubled:
        return {"status": "degraded", "detail": f"{', '.join(troubled)} cannot be reached; prices are fresh."}
    if missed := missed_stream(wall_now()):
        away = iso(missed.since.replace(microsecond=0)) if missed.since else "the start"
        return {
            "status": "degraded",
            "detail": f"The live stream is away since {away}; prices are fresh, but come every few minutes.",
        }
    return {"status": "healthy", "detail": f"The newest price is of {iso(newest.replace(microsecond=0))}."}
