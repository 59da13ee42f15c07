"""Trained (or untrained) states of engines, and the role each plays for one timeframe."""

from django.db import models


class EngineVersion(models.Model):
    """An engine in one state for one timeframe. One champion a timeframe; the baseline is climatology."""

    class Role(models.TextChoices):
        CHAMPION = "champion"
        CHALLENGER = "challenger"
        BASELINE = "baseline"
        RETIRED = "retired"

    id = models.BigAutoField(primary_key=True)
    engine = models.CharField(max_length=24)
    version = models.CharField(max_length=48)
    timeframe = models.CharField(max_length=4)
    role = models.CharField(max_length=10, choices=Role, default=Role.CHALLENGER)
    definitions = models.PositiveSmallIntegerField()
    artifact = models.CharField(
        max_length=200, blank=True, help_text="File below the artifacts folder; empty if none."
    )
    artifact_digest = models.CharField(max_length=64, blank=True)
    features = models.JSONField(default=list)
    trained_at = models.DateTimeField(null=True, blank=True, help_text="Market time.")
    span_from = models.DateTimeField(null=True, blank=True)
    span_to = models.DateTimeField(null=True, blank=True)
    scores = models.JSONField(default=dict, help_text="Walk-forward scores from training; never live ones.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engine", "version", "timeframe"], name="one_engine_version"),
            models.UniqueConstraint(
                fields=["timeframe"], condition=models.Q(role="champion"), name="one_champion_per_timeframe"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engine} {self.version} {self.timeframe}"
