"""Adaptive conformal scaling of ranges: how much wider or narrower an engine's range must be to hold 80 %."""

from django.db import models

from markets.models import Token
from predictions.models.engine_version import EngineVersion


class RangeScale(models.Model):
    """The logarithm by which an engine version's half-widths are scaled; the sum of the token's own part and the part
    common to all tokens (`token` null). Moved by each outcome once, in the transaction that stores it.
    """

    id = models.BigAutoField(primary_key=True)
    engine_version = models.ForeignKey(EngineVersion, on_delete=models.CASCADE, related_name="range_scales")
    token = models.ForeignKey(Token, null=True, on_delete=models.CASCADE, related_name="+")
    log_factor = models.FloatField(default=0.0)
    outcomes = models.PositiveBigIntegerField(default=0, help_text="How many outcomes have moved it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engine_version", "token"],
                condition=models.Q(token__isnull=False),
                name="one_own_range_scale",
            ),
            models.UniqueConstraint(
                fields=["engine_version"],
                condition=models.Q(token__isnull=True),
                name="one_common_range_scale",
            ),
        ]
