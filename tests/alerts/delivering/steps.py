"""What tests of deliveries do again and again."""

from datetime import timedelta

from alerts.models import Delivery
from alerts.services.delivering import deliver_due
from core.lib.clock import wall_now
from tests.make.alerts import an_event
from tests.make.channels import an_alert_on, moments

NOW = wall_now()
MINUTE = timedelta(minutes=1)


def events_on(channel, count=1, start=NOW, **fields):
    alert = an_alert_on(channel)
    return [an_event(alert, at, **fields) for at in moments(start, count)]


def send(channel, at=None, **options):
    return deliver_due(channel.id, clock=lambda: at or wall_now() + MINUTE, **options)


def states(channel):
    return list(
        Delivery.objects.filter(channel=channel).order_by("created_at", "id").values_list("state", flat=True)
    )
