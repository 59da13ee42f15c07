"""A try: an event that says so, told like any other."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from accounts.selectors.users import account_of
from alerts.events import events_stored
from alerts.models import Event
from alerts.models.event import event_id
from alerts.selectors.alerts import alert_of
from alerts.selectors.shown import alert_sentence
from alerts.services.storing import tell
from core.lib.errors import TooMany

TRIES_AN_HOUR = 10
HOUR = timedelta(hours=1)


def try_alert(*, owner_id: UUID, alert_id: UUID, now: datetime, wall: datetime) -> Event:
    """Goes to the inbox and wherever the alert goes, at once: quiet hours are not asked, since somebody waits for it.

    Leaves the alert as it is. Raises TooMany beyond ten in an hour: channels are other people's, too.
    """
    with transaction.atomic():
        account_of(owner_id, locked=True)  # so that two at once are not one too many
        alert = alert_of(owner_id, alert_id)
        _refuse_too_many(owner_id, wall)
        occurrence = f"test:{uuid4()}"
        event = Event(
            id=event_id(alert.id, occurrence),
            alert=alert,
            owner_id=owner_id,
            token_id=alert.token_id,
            portfolio_id=alert.portfolio_id,
            kind=alert.kind,
            occurrence=occurrence,
            fired_at=now,
            created_at=wall,
            sentence=f"This is a test. {alert_sentence(alert)}"[:300],
            note=alert.note,
            values={"params": alert.params},
            is_test=True,
        )
        tell([event], wall)
        transaction.on_commit(lambda: _announce(event))
    return event


def _refuse_too_many(owner_id: UUID, wall: datetime) -> None:
    tries = Event.objects.filter(owner_id=owner_id, is_test=True, created_at__gt=wall - HOUR)
    if tries.count() >= TRIES_AN_HOUR:
        first = tries.order_by("created_at").values_list("created_at", flat=True)[0]
        wait = max(1, int((first + HOUR - wall).total_seconds()))
        raise TooMany(f"You tried {TRIES_AN_HOUR} times within an hour. Try again later.", retry_after=wait)


def _announce(event: Event) -> None:
    events_stored.send(sender=Event, event_ids=[event.id])
