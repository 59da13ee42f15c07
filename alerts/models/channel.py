"""Where messages to a user go: one row for each address that he named, with its health."""

import uuid

from django.conf import settings
from django.db import models

MOST_NAME = 50


class NotificationChannel(models.Model):
    """An address that counts once its owner has shown that it is his. All times are wall time.

    The address itself, the signing secrets and the code that confirms it are sealed; `shown` is what may be seen.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        TELEGRAM = "telegram", "Telegram"
        DISCORD = "discord", "Discord"
        SLACK = "slack", "Slack"
        WEBHOOK = "webhook", "Webhook"

    class State(models.TextChoices):
        WAITING = "waiting", "To be confirmed"
        ACTIVE = "active", "Active"
        OFF = "off", "Switched off"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_channels"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=MOST_NAME)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    shown = models.CharField(max_length=300, blank=True, help_text="What of the address may be shown.")
    host = models.CharField(max_length=253, blank=True, help_text="Whom it leads to.")
    sealed_address = models.TextField(blank=True)
    sealed_secret = models.TextField(blank=True, help_text="Signs webhooks.")
    sealed_old_secret = models.TextField(blank=True, help_text="Signs beside it until its time is over.")
    old_secret_until = models.DateTimeField(null=True, blank=True)

    sealed_code = models.TextField(blank=True, help_text="Confirms the channel.")
    code_until = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    created_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    off_at = models.DateTimeField(null=True, blank=True)
    off_because = models.CharField(max_length=300, blank=True)

    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    rests_until = models.DateTimeField(null=True, blank=True, help_text="Nothing is sent before.")
    last_sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="active") | models.Q(verified_at__isnull=False),
                name="channel_active_is_verified",
            )
        ]
        indexes = [models.Index(fields=["owner", "created_at"], name="channels_of_owner")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
