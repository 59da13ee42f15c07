"""Where the streamed price turned, for who looks less often than it moves."""

from django.db import models

from markets.models.token import Token


class PriceTurn(models.Model):
    """A price that was left again: the stream's went up to it and came down, or down and up.

    `LatestQuote` keeps the newest price alone. Between two looks at it the price was never beyond both of them and the
    turns between, so an alert whose evaluator was late, or who looks once a second at a stream that speaks more often,
    misses no peak and no dip. Kept for as long as a price is fresh.
    """

    pk = models.CompositePrimaryKey("token_id", "observed_at")
    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="turns")
    observed_at = models.DateTimeField()
    price_usd = models.FloatField()
    source = models.CharField(max_length=24)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(price_usd__gt=0), name="price_turn_positive")
        ]
        indexes = [models.Index(fields=["observed_at"], name="price_turns_by_time")]
