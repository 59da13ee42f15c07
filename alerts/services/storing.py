"""Rows of an evaluation: what gauges read, where alerts stand now, and events with their inbox items."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from alerts.conditions.reading import Reading
from alerts.conditions.rhythm import quiet_until
from alerts.models import Alert, Event, Gauge, InboxItem
from alerts.models.event import event_id
from alerts.selectors.readings import Readings
from alerts.services.delivering import owe
from core.lib.clock import iso, market_clock
from markets.services.bulk import update_existing

_STANDING = (
    "memory", "state", "armed", "last_event_at", "wakes_above", "wakes_below", "asleep_until"
)  # fmt: skip
_AT_ONCE = 1000


def remember_readings(readings: Readings) -> None:
    """The newest of each gauge, and between which numbers they lay."""
    rows = []
    for pk, those in readings.items():
        numbers = [reading.value for reading in those]
        rows.append([pk, those[-1].at, numbers[-1], min(numbers), max(numbers)])
    update_existing(Gauge, ["id", "observed_at", "value", "low", "high"], rows, key="id")


def store_standings(alerts: Sequence[Alert]) -> None:
    rows = [[_key(alert), *(getattr(alert, name) for name in _STANDING)] for alert in alerts]
    update_existing(Alert, ["id", *_STANDING], rows, key="id")


def _key(alert: Alert) -> object:
    """As the database writes it."""
    return Alert._meta.pk.get_db_prep_value(alert.pk, connection)


def store_events(spoken: Sequence[tuple[Alert, Reading]], wall: datetime) -> list[Event]:
    """The events that are new. `wall` is wall time."""
    events = {event.id: event for event in (_event(alert, reading, wall) for alert, reading in spoken)}
    for known in Event.objects.filter(id__in=list(events)).values_list("id", flat=True):
        del events[known]  # found before, by whoever else looked
    return tell(events.values(), wall)


def tell(events: Iterable[Event], wall: datetime) -> list[Event]:
    """Stores them with their inbox items and what their channels are owed, in the caller's transaction."""
    stored = Event.objects.bulk_create(events, batch_size=_AT_ONCE)
    InboxItem.objects.bulk_create(
        [InboxItem(owner_id=event.owner_id, event=event, created_at=wall) for event in stored],
        batch_size=_AT_ONCE,
    )
    owe(stored)
    return stored


def _event(alert: Alert, reading: Reading, wall: datetime) -> Event:
    occurrence = iso(reading.at)
    return Event(
        id=event_id(alert.id, occurrence),
        alert=alert,
        owner_id=alert.owner_id,
        token_id=alert.token_id,
        portfolio_id=alert.portfolio_id,
        kind=alert.kind,
        occurrence=occurrence,
        fired_at=reading.at,
        created_at=wall,
        sentence=alert.condition.told(alert.subject, reading),
        note=alert.note,
        values={"value": reading.value, **reading.detail, "params": alert.params},
        deliver_after=_deliver_after(alert, reading.at),
    )


def _deliver_after(alert: Alert, at: datetime) -> datetime | None:
    """The end of the quiet hours that `at` lies in, on the wall's clock: messages wait until then."""
    quiet = alert.quiet_hours
    end = quiet_until(at, quiet) if quiet else None
    return market_clock().wall_for(end) if end else None
