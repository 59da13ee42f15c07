"""Observations of the market: the newest of each token whole, and the history of what charts need."""

from django.db import models

from markets.models.token import Token


class Quote(models.Model):
    """One observation. Kept 30 days, then one an hour. Identity: token and the time at which the world was so."""

    pk = models.CompositePrimaryKey("token_id", "observed_at")
    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="quotes")
    observed_at = models.DateTimeField()
    fetched_at = models.DateTimeField(help_text="Market time at which it was fetched.")
    price_usd = models.FloatField()
    market_cap = models.FloatField(null=True)
    volume_24h = models.FloatField(null=True)
    change_percentage_24h = models.FloatField(null=True)
    source = models.CharField(max_length=24)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(price_usd__gt=0), name="quote_price_positive")
        ]
        indexes = [models.Index(fields=["observed_at"])]


class LatestQuote(models.Model):
    """The newest quote of each token with all of CoinGecko's market fields; overwritten only by newer ones.

    Prices, caps and volumes are USD; changes without `percentage` are USD too, with it percent (−6.4 is −6.4 %).

    A row has one source and time, the last poll's, until the exchange's stream brings a newer price. From then on it
    is `streamed`: price, day's change, high and low are the exchange's, of `observed_at` and `source`; all else is
    still the last poll's, of `market_observed_at` and `market_source`, and so is `market_price_usd`.
    """

    token = models.OneToOneField(Token, on_delete=models.CASCADE, primary_key=True, related_name="latest")
    observed_at = models.DateTimeField()
    fetched_at = models.DateTimeField()
    source = models.CharField(max_length=24)
    price_usd = models.FloatField()
    streamed = models.BooleanField(default=False, db_default=False)
    market_observed_at = models.DateTimeField(
        null=True, help_text="Of the last poll; empty before the first."
    )
    market_source = models.CharField(max_length=24, blank=True, default="", db_default="")
    market_price_usd = models.FloatField(null=True, help_text="What the last poll said.")
    kept_at = models.DateTimeField(null=True, help_text="Observation of the newest row in its history.")
    market_cap = models.FloatField(null=True)
    market_cap_rank = models.PositiveIntegerField(null=True)
    fully_diluted_valuation = models.FloatField(null=True)
    volume_24h = models.FloatField(null=True)
    high_24h = models.FloatField(null=True)
    low_24h = models.FloatField(null=True)
    change_24h = models.FloatField(null=True)
    change_percentage_1h = models.FloatField(null=True)
    change_percentage_24h = models.FloatField(null=True)
    change_percentage_7d = models.FloatField(null=True)
    change_percentage_30d = models.FloatField(null=True)
    market_cap_change_24h = models.FloatField(null=True)
    market_cap_change_percentage_24h = models.FloatField(null=True)
    circulating_supply = models.FloatField(null=True)
    total_supply = models.FloatField(null=True)
    max_supply = models.FloatField(null=True)
    ath = models.FloatField(null=True)
    ath_change_percentage = models.FloatField(null=True)
    ath_date = models.DateTimeField(null=True)
    atl = models.FloatField(null=True)
    atl_change_percentage = models.FloatField(null=True)
    atl_date = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(price_usd__gt=0), name="latest_price_positive")
        ]

    def __str__(self) -> str:
        return f"token {self.token_id} {self.price_usd:g} USD {self.observed_at:%Y-%m-%d %H:%M}"
