"""Old deliveries are forgotten: what was sent after a month, what was given up after three."""

from datetime import datetime, timedelta

from django.db.models import Q

from alerts.models import Delivery

SENT_KEPT = timedelta(days=30)
DEAD_KEPT = timedelta(days=90)
AT_ONCE = 1000


def forget_deliveries(now: datetime) -> int:
    """A piece at a time, so that nobody waits for it; the next sweep goes on."""
    sent = Q(state=Delivery.State.SENT, finished_at__lt=now - SENT_KEPT)
    dead = Q(state=Delivery.State.DEAD, finished_at__lt=now - DEAD_KEPT)
    old = Delivery.objects.filter(sent | dead, due_at__lt=now - SENT_KEPT).order_by("due_at")
    return Delivery.objects.filter(id__in=list(old.values_list("id", flat=True)[:AT_ONCE])).delete()[0]
