"""How the live stream of an exchange fares, and which process collects it."""

from datetime import datetime

from django.db import models


class StreamState(models.Model):
    """One row a stream. Whoever holds the lease collects; others wait until it has run out. All times are wall time."""

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=64, blank=True, help_text="The process that collects.")
    leased_until = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="Empty while it is closed.")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When it was lost.")
    heard_at = models.DateTimeField(null=True, blank=True, help_text="Newest message that made sense.")
    connections = models.PositiveBigIntegerField(default=0, help_text="Ever, the first one included.")
    refused = models.PositiveBigIntegerField(default=0, help_text="Messages that made no sense, ever.")
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({'open' if self.opened_at else 'closed'})"

    def is_open(self, wall: datetime) -> bool:
        """Connected, by a process that is alive."""
        return self.opened_at is not None and self.leased_until is not None and wall <= self.leased_until

    def since(self, wall: datetime) -> datetime | None:
        """Since when it is open, or closed; a collector that was killed closed it when its lease ran out."""
        if self.is_open(wall) or self.opened_at is None:
            return self.opened_at or self.closed_at
        return self.leased_until
