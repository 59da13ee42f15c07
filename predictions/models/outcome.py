"""What happened: one row for each matured forecast, written once. The database refuses every later change."""

from django.db import models

from predictions.models.chain import RecordLink
from predictions.models.forecast import Forecast


class Outcome(models.Model):
    """A forecast's outcome and scores; void where the candle at its maturity never came (never guessed or filled)."""

    forecast = models.OneToOneField(
        Forecast, on_delete=models.PROTECT, primary_key=True, related_name="outcome"
    )
    resolved_at = models.DateTimeField(help_text="Market time.")
    void = models.BooleanField(default=False)
    void_reason = models.CharField(max_length=120, blank=True)
    outcome_class = models.PositiveSmallIntegerField(null=True, help_text="0 up, 1 down, 2 sideways.")
    price = models.FloatField(null=True)
    log_return = models.FloatField(null=True)
    log_score = models.FloatField(null=True)
    brier = models.FloatField(null=True)
    baseline_log_score = models.FloatField(null=True)
    baseline_brier = models.FloatField(null=True)
    inside_range = models.BooleanField(null=True, help_text="Between p10 and p90.")
    pinball = models.FloatField(null=True, help_text="Mean pinball loss of p10, p50 and p90, in log return.")
    baseline_pinball = models.FloatField(
        null=True, help_text="The same of the baseline's range around no change."
    )
    link = models.ForeignKey(RecordLink, null=True, on_delete=models.PROTECT, related_name="outcomes")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(void=True, outcome_class__isnull=True, log_score__isnull=True)
                | models.Q(void=False, outcome_class__in=(0, 1, 2), log_score__isnull=False, price__gt=0),
                name="outcome_void_or_scored",
            )
        ]
        indexes = [
            models.Index(fields=["resolved_at"]),
            models.Index(fields=["log_score", "forecast"], name="outcome_worst_first"),
        ]

    def __str__(self) -> str:
        came = "void" if self.void else ("up", "down", "sideways")[self.outcome_class or 0]
        return f"forecast {self.forecast_id}: {came}"
