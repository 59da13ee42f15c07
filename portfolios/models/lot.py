"""What follows from the transactions, kept so that a page need not work it out: lots, what used them up, holdings.

Nothing here is ever edited by a person. It may be thrown away at any time and worked out again from the transactions.
"""

from django.db import models

from core.lib.amount_column import AmountField
from portfolios.models.portfolio import Portfolio
from portfolios.models.transaction import MOST_ASSET, Transaction


class Lot(models.Model):
    """What came in at once and how much of it is left. A transfer between own portfolios opens lots in the new place
    that keep when and for how much they were first acquired. Where the portfolio counts average cost, an asset has one
    lot, which every acquisition joins.
    """

    id = models.BigAutoField(primary_key=True)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="lots")
    asset = models.CharField(max_length=MOST_ASSET)
    opened_by = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="+")
    acquired_at = models.DateTimeField(help_text="First acquired, before any transfer.")
    place = models.PositiveBigIntegerField(help_text="Order among the asset's lots, as they were opened.")
    quantity = AmountField()
    remaining = AmountField()
    cost_usd = AmountField(null=True, help_text="All of it, fees included; empty where nobody knows.")
    remaining_cost_usd = AmountField(null=True)
    each_usd = AmountField(
        default=0, help_text="Cost of one when it came in, to find the highest; unknown counts as nothing."
    )
    is_open = models.BooleanField(default=True, help_text="Whether any of it remains.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "asset", "place"], name="one_lot_a_place"),
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0) & models.Q(remaining__lte=models.F("quantity")),
                name="lot_remaining_within",
            ),
            models.CheckConstraint(
                condition=models.Q(is_open=True, remaining__gt=0) | models.Q(is_open=False, remaining=0),
                name="lot_open_while_any_remains",
            ),
        ]
        # By a flag and not by an amount: SQLite uses a partial index only for a condition without parameters.
        indexes = [
            models.Index(
                fields=["portfolio", "asset", "acquired_at", "place"],
                condition=models.Q(is_open=True),
                name="open_lots_by_age",
            ),
            models.Index(
                fields=["portfolio", "asset", "-each_usd", "place"],
                condition=models.Q(is_open=True),
                name="open_lots_by_cost",
            ),
        ]


class LotUse(models.Model):
    """That a transaction used up (part of) a lot: sold it, paid a fee with it, or moved it away."""

    id = models.BigAutoField(primary_key=True)
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="uses")
    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="lot_uses")
    quantity = AmountField()
    cost_usd = AmountField(null=True)
    proceeds_usd = AmountField(
        null=True, help_text="After fees; empty where it was moved, or where nobody knows."
    )


class Holding(models.Model):
    """An asset in a portfolio, summed over its lots. `short` is what went out without having come in: history that is
    missing, and that nobody guesses.
    """

    id = models.BigAutoField(primary_key=True)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="holdings")
    asset = models.CharField(max_length=MOST_ASSET)
    quantity = AmountField(default=0)
    cost_usd = AmountField(default=0, help_text="Of the lots whose cost is known.")
    quantity_of_unknown_cost = AmountField(default=0)
    short = AmountField(default=0)
    realised_usd = AmountField(default=0, help_text="Of disposals whose cost and proceeds are both known.")
    proceeds_of_unknown_cost_usd = AmountField(default=0)
    cost_of_unknown_proceeds_usd = AmountField(default=0)
    fees_usd = AmountField(default=0)
    income_usd = AmountField(default=0, help_text="Rewards and airdrops, at their worth when they came.")
    lots = models.PositiveBigIntegerField(default=0, help_text="Opened so far; the next one's place.")
    last_at = models.DateTimeField(help_text="Of the newest movement counted.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "asset"], name="one_holding_an_asset"),
        ]


class UnbookedAsset(models.Model):
    """An asset whose lots don't follow from its transactions yet: a job works them out. `changes` grows with every
    change that comes meanwhile, so that the job knows whether what it read still holds.
    """

    id = models.BigAutoField(primary_key=True)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="unbooked_assets")
    asset = models.CharField(max_length=MOST_ASSET)
    changes = models.PositiveBigIntegerField(default=1)
    since = models.DateTimeField(help_text="Wall time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "asset"], name="one_mark_an_unbooked_asset"),
        ]
