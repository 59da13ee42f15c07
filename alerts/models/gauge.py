"""What alerts look at: one number about one token or one portfolio, as it was read last."""

from django.db import models

from markets.models import Token
from portfolios.models import Portfolio


class Gauge(models.Model):
    """A number that alerts watch, such as the price of SOL or the RSI of its hourly candles.

    There is one row for each token (or portfolio) and name, however many alerts look at it. Whoever reads the number
    holds the row, so that every reading is judged once: `observed_at` is the newest one that was judged. `low` and
    `high` are the extremes of the readings judged together last, by which alerts are found that could change.
    """

    class Feed(models.TextChoices):
        QUOTES = "quotes", "Every stored price"
        CANDLES = "candles", "Every closed candle"
        FORECASTS = "forecasts", "Every published forecast"
        CLOCK = "clock", "Every minute"
        PORTFOLIOS = "portfolios", "Every stored price of what a portfolio holds"

    id = models.BigAutoField(primary_key=True)
    token = models.ForeignKey(Token, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    portfolio = models.ForeignKey(
        Portfolio, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(
        max_length=48, help_text="Such as price, change:3600, rsi:3600:14, forecast:1h:up."
    )
    feed = models.CharField(max_length=10, choices=Feed, help_text="What brings new readings.")
    observed_at = models.DateTimeField(
        null=True, help_text="Market time of the newest reading that was judged."
    )
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    unused_since = models.DateTimeField(null=True, help_text="Wall time since when no alert looks at it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "name"], name="one_gauge_per_token_and_name"),
            models.UniqueConstraint(fields=["portfolio", "name"], name="one_gauge_per_portfolio_and_name"),
            models.CheckConstraint(
                condition=models.Q(token=None) ^ models.Q(portfolio=None), name="gauge_of_one_subject"
            ),
        ]
        indexes = [models.Index(fields=["feed", "token"], name="gauges_by_feed")]

    def __str__(self) -> str:
        return f"{self.name} of {f'token {self.token_id}' if self.token_id else f'portfolio {self.portfolio_id}'}"

    @property
    def of_token(self) -> int:
        """The token's id; every feed but that of portfolios has one."""
        if self.token_id is None:
            raise ValueError(f"{self} is of no token.")
        return self.token_id
