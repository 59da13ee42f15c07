"""Gauges come with the first alert that looks at them, and go an hour after the last one."""

from datetime import datetime, timedelta

from alerts.models import Alert, Gauge

KEPT_UNUSED = timedelta(hours=1)


def gauge_for(alert: Alert) -> Gauge:
    """One that nobody looked at begins anew. Touching it keeps `drop_unused` from taking it away meanwhile."""
    gauge, _ = Gauge.objects.get_or_create(
        token=alert.token,
        portfolio=alert.portfolio,
        name=alert.condition.gauge,
        defaults={"feed": alert.condition.feed},
    )
    if gauge.unused_since is not None:
        anew = {"unused_since": None, "observed_at": None, "value": None, "low": None, "high": None}
        Gauge.objects.filter(pk=gauge.pk).update(**anew)
        gauge.refresh_from_db()
    return gauge


def drop_unused(wall: datetime) -> int:
    """Marks gauges without alerts, and deletes those that were marked long enough ago. Says how many went."""
    without = Gauge.objects.filter(alerts=None)
    marked = without.filter(unused_since__lt=wall - KEPT_UNUSED).values_list("pk", flat=True)
    gone, _ = Gauge.objects.filter(pk__in=list(marked), unused_since__lt=wall - KEPT_UNUSED).delete()
    without.filter(unused_since=None).update(unused_since=wall)
    return gone
