"""The registry of tokens. A token is its CoinGecko id: tickers collide."""

from django.db import models


class TokenQuerySet(models.QuerySet["Token"]):
    def active(self) -> "TokenQuerySet":
        return self.filter(active=True)

    def by_rank(self) -> "TokenQuerySet":
        """Best market cap rank first; unranked tokens last, by symbol."""
        return self.order_by(models.F("rank").asc(nulls_last=True), "symbol", "id")


class Token(models.Model):
    class Category(models.TextChoices):
        INFRASTRUCTURE = "infrastructure"
        DEFI = "defi"
        MEME = "meme"
        STAKING = "staking"
        STABLECOIN = "stablecoin"
        GAMING = "gaming"
        DEPIN = "depin"
        AI = "ai"
        CONTEXT = "context"
        OTHER = "other"

    id = models.BigAutoField(primary_key=True)
    coingecko_id = models.CharField(max_length=128, unique=True)
    symbol = models.CharField(max_length=32, help_text="Upper case; shared by many tokens.")
    name = models.CharField(max_length=128)
    mint = models.CharField(max_length=64, blank=True, help_text="Solana mint address, where it has one.")
    category = models.CharField(max_length=16, choices=Category, default=Category.OTHER)
    solana = models.BooleanField(default=True, help_text="Belongs to the Solana ecosystem.")
    rank = models.PositiveIntegerField(null=True, blank=True, help_text="By market cap, from CoinGecko.")
    active = models.BooleanField(default=True)
    binance_symbol = models.CharField(
        max_length=32, blank=True, help_text="Spot pair that candles are asked for."
    )
    candle_source = models.CharField(
        max_length=24, blank=True, help_text="Whose candles the series holds: one source, never two spliced."
    )
    candles_from = models.DateTimeField(null=True, blank=True, help_text="Back-filled down to here.")
    candles_complete = models.BooleanField(
        default=False, help_text="The source has nothing older that is wanted."
    )
    image_url = models.URLField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    links = models.JSONField(default=dict, blank=True)
    details_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["symbol"]), models.Index(fields=["active", "rank"])]

    def __str__(self) -> str:
        return self.symbol

    def get_absolute_url(self) -> str:
        return f"/tokens/{self.symbol}?id={self.coingecko_id}"
