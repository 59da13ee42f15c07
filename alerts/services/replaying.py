"""What was given up is owed once more, when its owner or staff ask for it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from alerts.models import Delivery, NotificationChannel
from alerts.services.delivering.backoff import GIVEN_UP_AFTER
from alerts.services.delivering.owing import wake
from core.lib.errors import Conflict, NotFound

State = Delivery.State


def replay(*, owner_id: UUID, delivery_id: UUID, now: datetime) -> Delivery:
    """Raises NotFound for another's, Conflict where it was not given up or its channel is off."""
    with transaction.atomic():
        own = Delivery.objects.filter(id=delivery_id, owner_id=owner_id).select_related("channel")
        delivery = own.first()
        if delivery is None:
            raise NotFound("You have no such delivery.")
        if delivery.channel.state != NotificationChannel.State.ACTIVE:
            raise Conflict("Confirm its channel first.")
        if not replay_all([delivery.id], now):
            raise Conflict("Only what was given up can be sent again.")
        return own.prefetch_related("events", "tries").get()


def replay_all(delivery_ids: Iterable[UUID], now: datetime) -> int:
    """How many of these wait again; those whose channel is off stay as they are. The event keeps its id, so that a
    webhook knows what it has already."""
    dead = Delivery.objects.filter(
        id__in=list(delivery_ids), state=State.DEAD, channel__state=NotificationChannel.State.ACTIVE
    ).exclude(purpose=Delivery.Purpose.VERIFY)
    with transaction.atomic():
        found = dict(dead.select_for_update(of=("self",)).values_list("id", "channel_id"))
        count = Delivery.objects.filter(id__in=list(found), state=State.DEAD).update(
            state=State.WAITING, due_at=now, gives_up_at=now + GIVEN_UP_AFTER, finished_at=None
        )
        NotificationChannel.objects.filter(id__in=set(found.values())).update(rests_until=None)
        wake(set(found.values()))
    return count
