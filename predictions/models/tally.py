"""How often each class came, per token, timeframe and UTC day of maturity: what climatology is made of."""

from django.db import models

from markets.models import Token


class ClassTally(models.Model):
    """Outcomes that matured on `day`. Kept up as candles come, so a forecast's cost does not grow with history."""

    id = models.BigAutoField(primary_key=True)
    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+")
    timeframe = models.CharField(max_length=4)
    day = models.DateField()
    up = models.PositiveIntegerField()
    down = models.PositiveIntegerField()
    sideways = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "timeframe", "day"], name="one_tally_a_day")]


class TallyMark(models.Model):
    """How far one token's candles have been counted: from the first candle that was there, through a whole day.

    A first candle that has become older, since the back-fill went deeper, means counting anew.
    """

    token = models.OneToOneField(Token, on_delete=models.CASCADE, primary_key=True, related_name="+")
    through = models.DateField()
    hours_from = models.DateTimeField(null=True)
    quarters_from = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(help_text="Wall time.")
