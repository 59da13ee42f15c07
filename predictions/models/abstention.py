"""Where nobody published a forecast, and why: leaving out the hard moments must not pay, so they are counted."""

from django.db import models

from markets.models import Token


class Abstention(models.Model):
    """One token, timeframe and moment without a published forecast; gone again if a later try succeeds in time."""

    id = models.BigAutoField(primary_key=True)
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="+")
    timeframe = models.CharField(max_length=4)
    as_of = models.DateTimeField()
    code = models.CharField(max_length=24, help_text="STALE_DATA, INSUFFICIENT_DATA, UNLIKE_TRAINING …")
    reason = models.CharField(max_length=200)
    counts = models.BooleanField(help_text="Stands at an instant that counts in statistics.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "timeframe", "as_of"], name="one_abstention_per_time")
        ]
        indexes = [models.Index(fields=["timeframe", "as_of"])]
