"""Mail that is owed: a row until it is sent, so that a lost message or a killed worker loses none."""

import uuid

from django.conf import settings
from django.db import models


class Mail(models.Model):
    """No token stands here: what a link needs is made when the mail is sent.

    A row without a user is owed to nobody: it stands for an address that has no account, so that asking for
    one costs the same work, and is dropped unsent. Only the farewell is for somebody whose account is gone.
    """

    class Kind(models.TextChoices):
        VERIFY = "verify"
        RESET = "reset"
        CHANGE_EMAIL = "change_email"
        EMAIL_CHANGE_ASKED = "email_change_asked"
        EMAIL_CHANGED = "email_changed"
        PASSWORD_CHANGED = "password_changed"  # noqa: S105  the word, no secret
        SECOND_FACTOR_ON = "second_factor_on"
        SECOND_FACTOR_OFF = "second_factor_off"
        RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
        API_KEY_MADE = "api_key_made"
        ACCOUNT_CHANGED = "account_changed"
        SESSION_THEFT = "session_theft"
        CHANNEL_OFF = "channel_off"
        EXCHANGE_STOPPED = "exchange_stopped"
        ACCOUNT_DELETED = "account_deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    to = models.EmailField(max_length=254, blank=True)
    kind = models.CharField(max_length=32)
    words = models.JSONField(default=dict, help_text="What the text says beside its template; no secret.")
    created_at = models.DateTimeField(db_index=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"
