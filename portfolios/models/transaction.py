"""What was booked: the source of truth, of which lots, holdings, profit and performance are worked out."""

import uuid

from django.db import models

from core.lib.amount_column import AmountField
from portfolios.accounting.market_worth import MarketWorth, worth_of
from portfolios.accounting.movements import Kind
from portfolios.models.importing import ImportBatch
from portfolios.models.portfolio import Portfolio

MOST_ASSET = 128


class Transaction(models.Model):
    """One line of a user's history, in the user's words; `accounting.movements` says what it does to the lots.

    An asset is named by the CoinGecko id of its registered token (lower case), or, where no token is known, by its
    ticker (upper case), until the user says which token that is. An empty `quote_asset` or `fee_asset` is US dollars:
    dollars are what is counted in, and are not held. Other money (EUR) is paid with, but not held either; the worth in
    dollars must then be given, or stays unknown.
    """

    class TransactionKind(models.TextChoices):
        BUY = Kind.BUY.value, "Buy"
        SELL = Kind.SELL.value, "Sell"
        TRANSFER_IN = Kind.TRANSFER_IN.value, "Transfer in"
        TRANSFER_OUT = Kind.TRANSFER_OUT.value, "Transfer out"
        REWARD = Kind.REWARD.value, "Reward"
        AIRDROP = Kind.AIRDROP.value, "Airdrop"
        FEE = Kind.FEE.value, "Fee"

    class Origin(models.TextChoices):
        BY_HAND = "by_hand", "Entered"
        FILE = "file", "Imported"
        EXCHANGE = "exchange", "Exchange"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="transactions")
    kind = models.CharField(max_length=12, choices=TransactionKind)
    executed_at = models.DateTimeField(help_text="When it happened, as booked.")
    asset = models.CharField(max_length=MOST_ASSET, help_text="CoinGecko id, or a ticker of no known token.")
    quantity = AmountField(help_text="Above zero; the kind says which way it went.")
    price_usd = AmountField(null=True, blank=True, help_text="Dollars for one; empty where nobody knows.")
    quote_asset = models.CharField(max_length=MOST_ASSET, blank=True, help_text="What was paid with or got.")
    quote_quantity = AmountField(null=True, blank=True)
    fee_asset = models.CharField(max_length=MOST_ASSET, blank=True)
    fee_quantity = AmountField(default=0)
    fee_usd = AmountField(
        null=True, blank=True, help_text="The fee's worth in dollars; empty where nobody knows."
    )
    market_worth_usd = AmountField(
        null=True,
        blank=True,
        help_text="What was traded or earned at the market's price; counts where no price was stated.",
    )
    market_fee_usd = AmountField(
        null=True, blank=True, help_text="The fee at the market's price; counts where no worth was stated."
    )
    valued_by = models.JSONField(
        null=True,
        blank=True,
        help_text="The closes that told the two, as `accounting.market_worth` has them.",
    )
    awaits_close = models.BooleanField(
        default=False, db_default=False, help_text="A worth is unknown that a stored close would tell."
    )
    pair = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The other end of a transfer between own portfolios; both ends name each other.",
    )
    note = models.CharField(max_length=200, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.BY_HAND)
    external_id = models.CharField(
        max_length=160, blank=True, help_text="The exchange's or the file's own name for it."
    )
    batch = models.ForeignKey(
        ImportBatch,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="transactions",
        help_text="The file that it came in.",
    )
    created_at = models.DateTimeField(help_text="Wall time.")
    changed_at = models.DateTimeField(help_text="Wall time.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="transaction_quantity_above_zero"
            ),
            models.CheckConstraint(
                condition=models.Q(price_usd__isnull=True) | models.Q(price_usd__gte=0),
                name="transaction_price_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(fee_quantity__gte=0), name="transaction_fee_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(quote_asset="") | models.Q(quote_quantity__gt=0),
                name="transaction_quote_has_a_quantity",
            ),
            models.UniqueConstraint(
                fields=["portfolio", "origin", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_transaction_an_outer_id",
            ),
        ]
        indexes = [
            models.Index(fields=["portfolio", "-executed_at", "id"], name="transactions_newest_first"),
            models.Index(fields=["portfolio", "asset", "executed_at"], name="transactions_of_an_asset"),
            models.Index(fields=["portfolio", "quote_asset"], name="transactions_by_quote"),
            models.Index(fields=["portfolio", "fee_asset"], name="transactions_by_fee"),
            models.Index(fields=["changed_at"], name="transactions_by_change"),  # staff read the newest
            models.Index(
                fields=["id"],
                condition=models.Q(awaits_close=True),
                name="transactions_awaiting_close",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} {self.asset}"

    @property
    def valued(self) -> tuple[MarketWorth, ...]:
        """What of it is valued at market, and by which close."""
        return tuple(map(worth_of, self.valued_by or ()))
