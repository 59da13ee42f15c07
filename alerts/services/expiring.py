"""Alerts whose time is over."""

from datetime import datetime

from alerts.models import Alert


def end_expired(now: datetime, wall: datetime) -> int:
    """`now` is market time. Says how many ended."""
    waiting = Alert.objects.filter(state__in=(Alert.State.ACTIVE, Alert.State.PAUSED), expires_at__lte=now)
    return waiting.update(state=Alert.State.EXPIRED, changed_at=wall)
