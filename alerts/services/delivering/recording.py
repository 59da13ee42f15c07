"""What became of an attempt: the message is sent, waits for the next attempt, or is given up; its channel's health
follows."""

import random
from datetime import datetime

from django.db import transaction
from django.db.models import F

from alerts.channels.base import Outcome
from alerts.models import Attempt, Delivery, NotificationChannel
from alerts.services.confirming import confirm
from alerts.services.delivering.backoff import next_attempt, rest_until
from alerts.services.switching import switch_off

State, Purpose = Delivery.State, Delivery.Purpose
_DRAWN = random.SystemRandom()
OVER = "It could not be delivered for three days."


def record(delivery: Delivery, outcome: Outcome, now: datetime) -> bool:
    """Whether the lease still held. Where another worker took the message over meanwhile, the log alone says what
    came of this attempt."""
    with transaction.atomic():
        Attempt.objects.filter(delivery=delivery, number=delivery.attempts).update(
            ended_at=now, result=outcome.result, status=outcome.status, said=outcome.said
        )
        if not _settle(delivery, outcome, now):
            return False
        _note_health(delivery, outcome, now)
        return True


def _settle(delivery: Delivery, outcome: Outcome, now: datetime) -> bool:
    mine = Delivery.objects.filter(id=delivery.id, state=State.LEASED, lease=delivery.lease)
    free = {"lease": None, "leased_until": None}
    if outcome.result == "sent":
        return mine.update(state=State.SENT, finished_at=now, last_error="", **free) == 1
    due = _next(delivery, outcome, now)
    if due is None:
        return mine.update(state=State.DEAD, finished_at=now, last_error=outcome.said, **free) == 1
    return mine.update(state=State.WAITING, due_at=due, last_error=outcome.said, **free) == 1


def _next(delivery: Delivery, outcome: Outcome, now: datetime) -> datetime | None:
    if outcome.result != "later":
        return None
    drawn = _DRAWN.random()
    return next_attempt(now, delivery.attempts, delivery.gives_up_at, drawn, outcome.retry_after)


def _note_health(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    if outcome.result == "sent":
        _note_success(delivery, outcome, now)
        return
    channel = _failed(delivery, outcome, now)
    if outcome.result == "gone":
        switch_off(channel.id, because=outcome.said, now=now)
    elif outcome.result == "later":
        _rest(channel, outcome, now)
        if now >= delivery.gives_up_at and _is_silent_since(channel, delivery):
            switch_off(channel.id, because=f"{OVER} {outcome.said}", now=now)


def _note_success(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """What waited for a channel that failed goes out as soon as it answers again."""
    channel = delivery.channel
    NotificationChannel.objects.filter(id=channel.id).update(
        last_sent_at=now, failures=0, rests_until=None, last_error="", last_error_at=None
    )
    if channel.failures:
        Delivery.objects.filter(channel=channel, state=State.WAITING, attempts__gt=0, due_at__gt=now).update(
            due_at=now
        )
    if outcome.confirms and delivery.purpose == Purpose.VERIFY:
        waiting = NotificationChannel.objects.select_for_update().filter(id=channel.id)
        asked = waiting.exclude(sealed_code="").first()
        if asked is not None:
            confirm(asked, now)


def _failed(delivery: Delivery, outcome: Outcome, now: datetime) -> NotificationChannel:
    """A message that is refused by itself is no fault of its channel."""
    more = 0 if outcome.result == "refused" else 1
    NotificationChannel.objects.filter(id=delivery.channel_id).update(
        failures=F("failures") + more, last_error=outcome.said, last_error_at=now
    )
    return NotificationChannel.objects.get(id=delivery.channel_id)


def _rest(channel: NotificationChannel, outcome: Outcome, now: datetime) -> None:
    """Where the limit is the service's own, every channel that leads there rests."""
    until = rest_until(now, channel.failures, _DRAWN.random(), outcome.retry_after)
    resting = NotificationChannel.objects.filter(id=channel.id)
    if outcome.holds_all:
        resting = NotificationChannel.objects.filter(kind=channel.kind)
    resting.update(rests_until=until)


def _is_silent_since(channel: NotificationChannel, delivery: Delivery) -> bool:
    return channel.last_sent_at is None or channel.last_sent_at < delivery.created_at
