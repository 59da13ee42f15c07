"""How each source fares: its circuit, its calls within the plan's budget, and the replies that were refused."""

from django.db import models


class SourceState(models.Model):
    class Circuit(models.TextChoices):
        CLOSED = "closed"
        OPEN = "open"
        HALF_OPEN = "half_open"

    name = models.CharField(max_length=32, primary_key=True)
    state = models.CharField(max_length=9, choices=Circuit, default=Circuit.CLOSED)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    opened_at = models.DateTimeField(null=True, blank=True, help_text="Wall time.")
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="Wall time before which it is left alone."
    )
    last_success_at = models.DateTimeField(null=True, blank=True, help_text="Wall time.")
    last_error_at = models.DateTimeField(null=True, blank=True, help_text="Wall time.")
    last_error_class = models.CharField(max_length=64, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    refused = models.PositiveBigIntegerField(
        default=0, help_text="Rows and replies that made no sense, ever."
    )

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class ProviderCalls(models.Model):
    """The ledger: how many calls went to a source in one wall-clock minute."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=32)
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "minute"], name="one_ledger_row_per_minute")]
        verbose_name_plural = "provider calls"


class RefusedReply(models.Model):
    """A reply, or a row of one, that made no sense. Nothing of it was stored."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=32)
    endpoint = models.CharField(max_length=128)
    subject = models.CharField(
        max_length=128, blank=True, help_text="The token's id where one row is at fault."
    )
    reason = models.CharField(max_length=300)
    seen_at = models.DateTimeField(help_text="Wall time.")

    class Meta:
        indexes = [models.Index(fields=["-seen_at"])]
        verbose_name_plural = "refused replies"
