"""That somebody is to be told: one row for each message to one channel, and one for each attempt at it."""

import uuid

from django.conf import settings
from django.db import models

from alerts.models.channel import NotificationChannel
from alerts.models.event import Event


class Delivery(models.Model):
    """A message that is owed until it is sent or parked. All times are wall time.

    Whoever changes `state` from waiting to leased sends it; of one channel one message is under way at a time. A lease
    that ran out belongs to a worker that died: the message is sent again, and may have arrived twice.
    """

    class Purpose(models.TextChoices):
        EVENT = "event", "Alert"
        DIGEST = "digest", "Several alerts"
        TEST = "test", "Test"
        VERIFY = "verify", "Confirmation"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        LEASED = "leased", "Under way"
        SENT = "sent", "Sent"
        DEAD = "dead", "Given up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(NotificationChannel, on_delete=models.CASCADE, related_name="deliveries")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=6, choices=Purpose)
    events = models.ManyToManyField(Event, through="DeliveredEvent", related_name="deliveries")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    gives_up_at = models.DateTimeField()
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    maybe_repeated = models.BooleanField(
        default=False, help_text="A worker died over it: it may have arrived more than once."
    )

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=models.Q(state="leased"),
                name="one_delivery_of_a_channel_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="leased", lease__isnull=False, leased_until__isnull=False)
                | (~models.Q(state="leased") & models.Q(lease=None, leased_until=None)),
                name="leased_delivery_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="deliveries_of_owner"),
            models.Index(
                fields=["channel", "due_at", "created_at"],
                condition=models.Q(state="waiting"),
                name="deliveries_waiting",
            ),
            models.Index(fields=["state", "due_at"], name="deliveries_by_state"),
            models.Index(fields=["channel", "-created_at"], name="deliveries_of_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.created_at:%Y-%m-%d %H:%M:%S}"


class DeliveredEvent(models.Model):
    """Which events a message tells of. A channel hears of an event once."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="told")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(NotificationChannel, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "event"], name="one_delivery_per_event_and_channel")
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} in delivery {self.delivery_id}"


class Attempt(models.Model):
    """One try. Without a result the worker is at it, or died over it."""

    class Result(models.TextChoices):
        SENT = "sent", "Sent"
        LATER = "later", "Failed for now"
        REFUSED = "refused", "Refused for good"
        GONE = "gone", "Channel is gone"
        UNKNOWN = "unknown", "Unknown: the worker died"

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=7, choices=Result, blank=True)
    status = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="What the other side answered."
    )
    said = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt_of_a_number")]

    def __str__(self) -> str:
        return f"attempt {self.number}"
