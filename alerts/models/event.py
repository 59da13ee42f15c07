"""That a condition came true, once, and the inbox in which its owner finds it."""

import uuid

from django.conf import settings
from django.db import models

from alerts.models.alert import MOST_NOTE, Alert
from markets.models import Token
from portfolios.models import Portfolio


class Event(models.Model):
    """One alert at one occurrence. The id is made of both (`event_id`), so it is the same whoever finds it.

    Its words and values are kept as they were: the alert may change or go.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.SET_NULL, related_name="events")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token = models.ForeignKey(Token, null=True, on_delete=models.SET_NULL, related_name="+")
    portfolio = models.ForeignKey(Portfolio, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=24, choices=Alert.Kind)
    occurrence = models.CharField(
        max_length=48, help_text="Which reading it was; for a test, `test:` and its id."
    )
    fired_at = models.DateTimeField(help_text="Market time of the reading.")
    created_at = models.DateTimeField(help_text="Wall time.")
    sentence = models.CharField(max_length=300, help_text="What happened, for people.")
    note = models.CharField(max_length=MOST_NOTE, blank=True, help_text="The alert's note, as it was.")
    values = models.JSONField(help_text="What shows why.")
    deliver_after = models.DateTimeField(
        null=True, blank=True, help_text="Wall time at which the owner's quiet hours end."
    )
    is_test = models.BooleanField(default=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True, help_text="Wall time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "occurrence"], name="one_event_per_occurrence")
        ]
        indexes = [models.Index(fields=["owner", "-created_at", "id"], name="events_of_owner")]

    def __str__(self) -> str:
        return f"{self.kind} {self.fired_at:%Y-%m-%d %H:%M:%S}"


def event_id(alert_id: uuid.UUID, occurrence: str) -> uuid.UUID:
    return uuid.uuid5(alert_id, occurrence)


class InboxItem(models.Model):
    """What the owner reads: an event, or a notice such as that a channel was switched off."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="inbox")
    event = models.OneToOneField(
        Event, null=True, blank=True, on_delete=models.CASCADE, related_name="inbox_item"
    )
    notice = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(help_text="Wall time.")
    read_at = models.DateTimeField(null=True, blank=True, help_text="Wall time.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(event__isnull=False, notice="")
                | (models.Q(event__isnull=True) & ~models.Q(notice="")),
                name="inbox_event_or_notice",
            )
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="inbox_of_owner"),
            models.Index(fields=["owner"], condition=models.Q(read_at=None), name="inbox_unread"),
        ]

    def __str__(self) -> str:
        return f"inbox {self.pk}"
