"""This app's line of the health report: are forecasts made, and by the engines that should make them?"""

from datetime import datetime, timedelta
from typing import Literal, TypedDict

from predictions.models import ForecastRun

OVERDUE = timedelta(minutes=35)
"""The shortest timeframes are made each quarter hour; two in a row missing is trouble."""


class Check(TypedDict):
    status: Literal["healthy", "degraded", "unhealthy"]
    detail: str


def models_check(now: datetime) -> Check:
    last = ForecastRun.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    if last is None:
        return {"status": "degraded", "detail": "No forecast run yet."}
    if now - last > OVERDUE:
        return {"status": "degraded", "detail": f"The last forecast run was at {last:%Y-%m-%d %H:%M} UTC."}
    standing_in = _standing_in(now)
    if standing_in:
        return {"status": "degraded", "detail": f"Climatology stands in for {', '.join(standing_in)}."}
    return {"status": "healthy", "detail": f"Last forecast run at {last:%Y-%m-%d %H:%M} UTC."}


def _standing_in(now: datetime) -> list[str]:
    """Timeframes whose champion could not be loaded in a run of the last day, and in no later run."""
    recent = ForecastRun.objects.filter(as_of__gt=now - timedelta(days=1)).order_by("as_of")
    newest = dict(recent.values_list("timeframe", "fallback"))
    return sorted(timeframe for timeframe, reason in newest.items() if reason)
