"""What people search for, as snapshots."""

from django.db import models

from markets.models.token import Token


class TrendingToken(models.Model):
    """One place of one snapshot. `token` is null where the token isn't in the registry."""

    id = models.BigAutoField(primary_key=True)
    observed_at = models.DateTimeField(help_text="The snapshot it belongs to.")
    rank = models.PositiveSmallIntegerField(help_text="From 1.")
    coingecko_id = models.CharField(max_length=128)
    symbol = models.CharField(max_length=32)
    name = models.CharField(max_length=128)
    token = models.ForeignKey(Token, null=True, on_delete=models.SET_NULL, related_name="+")
    market_cap_rank = models.PositiveIntegerField(null=True)
    price_usd = models.FloatField(null=True)
    change_percentage_24h = models.FloatField(null=True)
    source = models.CharField(max_length=24)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["observed_at", "coingecko_id"], name="trending_once_a_snapshot"),
        ]
        indexes = [models.Index(fields=["-observed_at", "rank"])]

    def __str__(self) -> str:
        return f"{self.rank}. {self.symbol} {self.observed_at:%Y-%m-%d %H:%M}"
