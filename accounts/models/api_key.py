"""API keys: a digest of each, what it may do, and until when."""

import uuid

from django.conf import settings
from django.db import models


class ApiKey(models.Model):
    """Whoever holds the key asks in its owner's name, within its scopes and never beyond its owner's rights."""

    class Scope(models.TextChoices):
        READ = "read", "Read what its owner may read"
        TRAIN = "train", "Train engines (analysts and staff)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=50)
    prefix = models.CharField(max_length=12, unique=True, help_text="The part that may be shown.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole key.")
    scopes = models.JSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        indexes = [models.Index(fields=["user", "revoked_at"], name="api_keys_of_user")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
