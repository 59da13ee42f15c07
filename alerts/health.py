"""This app's line of the health report: is what comes in looked at?"""

from datetime import datetime, timedelta
from typing import Literal, TypedDict

from django.db.models import F, Q

from alerts.models import Gauge
from markets.freshness import QUOTE_LIMIT

LATE = timedelta(seconds=90)
"""The sweep looks each minute, so a polled price that waits longer than this is waited for in vain."""
LATE_IN_A_STREAM = timedelta(minutes=3)


class Check(TypedDict):
    status: Literal["healthy", "degraded", "unhealthy"]
    detail: str


def alerts_check(now: datetime) -> Check:
    """`now` is market time. Stale prices are not waited for: no alert is made of them."""
    waiting = Q(token__latest__fetched_at__lte=now - LATE) | Q(
        token__latest__streamed=True, observed_at__lte=now - LATE_IN_A_STREAM
    )
    late = Gauge.objects.filter(
        waiting,
        feed=Gauge.Feed.QUOTES,
        unused_since=None,
        observed_at__lt=F("token__latest__observed_at"),
        token__latest__observed_at__gte=now - QUOTE_LIMIT,
        token__latest__observed_at__lte=now,
    ).count()
    if late:
        return {
            "status": "degraded",
            "detail": f"{late} watched figures wait for their newest price to be judged.",
        }
    return {"status": "healthy", "detail": "Every price that alerts wait for is judged."}
