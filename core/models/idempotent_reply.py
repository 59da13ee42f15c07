"""First replies to writes that carried an Idempotency-Key, kept for a day so that a repeat gets the same one."""

from django.db import models


class IdempotentReply(models.Model):
    """One key of one user. Without a status its write is running, by whoever holds `claim`, until the lease ends."""

    id = models.BigAutoField(primary_key=True)
    owner = models.UUIDField(help_text="The user's id; the ground knows no users.")
    key = models.CharField(max_length=128)
    asked = models.CharField(max_length=64, help_text="Digest of method, address and body.")
    claim = models.UUIDField(help_text="Who runs it; whoever takes it over writes another one here.")
    lease_until = models.DateTimeField(help_text="Wall time; after it the write may be run anew.")
    expires_at = models.DateTimeField(help_text="Wall time.")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    sealed_body = models.TextField(blank=True, default="", help_text="Replies may hold what is shown once.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="one_reply_per_owner_and_key"),
            models.CheckConstraint(
                condition=models.Q(status=None) | models.Q(status__range=(200, 299)),
                name="only_success_is_repeated",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.owner} {self.key}: {self.status or 'running'}"
