"""Which market this database holds, and where its market time stands. One row, written at the first start."""

from datetime import datetime
from typing import Any

from django.db import models

from core.lib.clock import MarketClock


class SourceStamp(models.Model):
    """Prices of one market never land in the database of another: `kind` and `identity` must match the settings.

    `market_at` and `wall_at` are the anchor of market time (see `core.lib.clock`). A replay moves the anchor at every
    start, so that it goes on where it was; `reached` is how far market time has come, written every few seconds.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    kind = models.CharField(max_length=16)
    identity = models.CharField(max_length=64)
    speed = models.FloatField(default=1.0)
    started_at = models.DateTimeField(help_text="Market time of the first start.")
    market_at = models.DateTimeField()
    wall_at = models.DateTimeField()
    reached = models.DateTimeField(help_text="Market time that was reached last.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_source_stamp"),
            models.CheckConstraint(condition=models.Q(speed__gt=0), name="source_stamp_speed_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} market {self.identity}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.id = 1
        super().save(*args, **kwargs)

    @property
    def clock(self) -> MarketClock:
        return MarketClock(self.market_at, self.wall_at, self.speed)

    @property
    def epoch(self) -> datetime:
        """The UTC day on which this market began, from which the simulated one is computed."""
        return self.started_at.replace(hour=0, minute=0, second=0, microsecond=0)
