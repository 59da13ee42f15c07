"""A connection stops until its owner does something, who is told once: in the inbox, and by mail unless unwanted."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models.preferences import Preferences
from accounts.services.mail import Kind, owe
from portfolios import events
from portfolios.models import Connection

State = Connection.State


@transaction.atomic
def stop(connection_id: UUID, *, because: str, error_class: str, now: datetime) -> bool:
    """Once: False where it was not active any more."""
    active = Connection.objects.filter(id=connection_id, state=State.ACTIVE)
    stopped = active.update(
        state=State.NEEDS_ATTENTION,
        last_error=because[:300],
        last_error_class=error_class,
        last_error_at=now,
        asked_at=None,
    )
    if not stopped:
        return False
    connection = Connection.objects.select_related("owner").get(id=connection_id)
    notice = f"Your connection to {connection} is not read any more. {because}"[:300]
    events.connection_needs_attention.send(
        sender=Connection, owner_id=connection.owner_id, notice=notice, now=now
    )
    if Preferences.of(connection.owner.preferences).wants_mail("exchanges"):
        owe(connection.owner, Kind.EXCHANGE_STOPPED, now=now, detail=notice)
    return True


def switch_off(connection_id: UUID) -> bool:
    """By staff: nothing is asked any more, until its owner gives new keys. Call it inside a transaction."""
    on = Connection.objects.filter(id=connection_id).exclude(state=State.OFF)
    return on.update(state=State.OFF, asked_at=None, lease=None, leased_until=None) == 1
