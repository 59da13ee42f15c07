"""What each forecast run did: how many were made, how many were late, and who got none, and why."""

from django.db import models


class ForecastRun(models.Model):
    id = models.BigAutoField(primary_key=True)
    timeframe = models.CharField(max_length=4)
    as_of = models.DateTimeField()
    made_at = models.DateTimeField(help_text="Market time.")
    seconds = models.FloatField(help_text="Wall time it took.")
    tokens = models.PositiveIntegerField()
    forecasts = models.PositiveIntegerField()
    late = models.PositiveIntegerField(default=0)
    abstentions = models.JSONField(default=dict, help_text="Reason to the symbols that got no forecast.")
    fallback = models.CharField(
        max_length=200, blank=True, help_text="Why climatology stood in for the champion."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["timeframe", "as_of"], name="one_run_per_timeframe_and_time")
        ]
        indexes = [models.Index(fields=["-as_of"])]

    def __str__(self) -> str:
        return f"{self.timeframe} {self.as_of:%Y-%m-%d %H:%M}"
