"""The record: one row for each forecast, written once. The database refuses every later change."""

from django.db import models

from markets.models import Token
from predictions.models.chain import RecordLink
from predictions.models.engine_version import EngineVersion
from predictions.models.inputs import MomentInputs


class Forecast(models.Model):
    """What one engine version said about one token at `as_of`, a candle's close in market time.

    Probabilities are whole ten-thousandths that sum to 10,000. `made_at` is market time: more than 120 s after `as_of`
    the forecast is late, and counted apart. `published` marks the row that users were shown (the champion's, or the
    baseline's in its place); `fallback` says that the champion could not be loaded and climatology stands in.
    """

    id = models.BigAutoField(primary_key=True)
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="forecasts")
    engine_version = models.ForeignKey(EngineVersion, on_delete=models.PROTECT, related_name="forecasts")
    timeframe = models.CharField(max_length=4)
    as_of = models.DateTimeField()
    made_at = models.DateTimeField(help_text="Market time.")
    expires_at = models.DateTimeField()
    matures_at = models.DateTimeField()
    published = models.BooleanField()
    late = models.BooleanField(default=False)
    fallback = models.BooleanField(default=False)
    counts = models.BooleanField(help_text="Stands at an instant that counts in statistics.")
    definitions = models.PositiveSmallIntegerField()
    up = models.PositiveSmallIntegerField()
    down = models.PositiveSmallIntegerField()
    sideways = models.PositiveSmallIntegerField()
    baseline_up = models.PositiveSmallIntegerField()
    baseline_down = models.PositiveSmallIntegerField()
    baseline_sideways = models.PositiveSmallIntegerField()
    sideways_band = models.FloatField()
    scale = models.FloatField()
    reference_price = models.FloatField()
    reference_interval = models.PositiveIntegerField(
        help_text="Seconds of the candle that closed at `as_of`."
    )
    source = models.CharField(max_length=24)
    p10 = models.FloatField()
    p50 = models.FloatField()
    p90 = models.FloatField()
    baseline_p10 = models.FloatField()
    baseline_p90 = models.FloatField()
    support = models.JSONField(default=list)
    resistance = models.JSONField(default=list)
    risk_level = models.CharField(max_length=6)
    range_log_factor = models.FloatField(
        default=0.0, help_text="ln of what the engine's own half-widths were multiplied by (see RangeScale)."
    )
    regime = models.CharField(
        max_length=6,
        blank=True,
        help_text="calm, usual or wild: the last day's volatility against the usual.",
    )
    inputs = models.ForeignKey(MomentInputs, null=True, on_delete=models.PROTECT, related_name="forecasts")
    link = models.ForeignKey(RecordLink, null=True, on_delete=models.PROTECT, related_name="forecasts")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "timeframe", "engine_version", "as_of"],
                name="one_forecast_per_engine_and_time",
            ),
            models.CheckConstraint(
                condition=models.Q(up__gte=100)
                & models.Q(down__gte=100)
                & models.Q(sideways__gte=100)
                & models.Q(up=10000 - models.F("down") - models.F("sideways")),
                name="forecast_sums_to_one",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    baseline_up=10000 - models.F("baseline_down") - models.F("baseline_sideways")
                ),
                name="baseline_sums_to_one",
            ),
            models.CheckConstraint(
                condition=models.Q(p10__gt=0)
                & models.Q(p10__lt=models.F("p50"))
                & models.Q(p50__lt=models.F("p90")),
                name="forecast_range_ordered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["token", "timeframe", "-as_of"],
                condition=models.Q(published=True),
                name="published_by_token",
            ),
            models.Index(
                fields=["timeframe", "-as_of"], condition=models.Q(published=True), name="published_by_time"
            ),
            models.Index(fields=["matures_at"], name="forecast_by_maturity"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id} {self.timeframe} {self.as_of:%Y-%m-%d %H:%M}"
