"""Accounts at exchanges that a user lets Khalsi read, and how far each has been read."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from core.lib.amount_column import AmountField
from portfolios.exchanges.records import LONGEST_CURSOR
from portfolios.models.portfolio import Portfolio
from portfolios.models.transaction import MOST_ASSET

MOST_NAME = 50


class Connection(models.Model):
    """Keys that may only read, and the portfolio that what they show is booked into. All times are wall time.

    Whoever changes a free lease to his own synchronises; what holds a lease that ran out is dead. Keys are sealed, and
    gone as soon as the connection is.
    """

    class Exchange(models.TextChoices):
        BINANCE = "binance", "Binance"
        COINBASE = "coinbase", "Coinbase"
        KRAKEN = "kraken", "Kraken"
        KUCOIN = "kucoin", "KuCoin"

    class Purpose(models.TextChoices):
        READ = "read", "Reading"

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        NEEDS_ATTENTION = "needs_attention", "Needs you"
        OFF = "off", "Switched off"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exchange_connections"
    )
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="connections")
    exchange = models.CharField(max_length=8, choices=Exchange)
    name = models.CharField(max_length=MOST_NAME)
    purpose = models.CharField(max_length=4, choices=Purpose, default=Purpose.READ)
    state = models.CharField(max_length=15, choices=State, default=State.ACTIVE)
    dollar_coins = models.BooleanField(
        default=False, help_text="Its owner takes stablecoins for a dollar each; else their worth is unknown."
    )
    created_at = models.DateTimeField()

    sealed_key = models.TextField()
    sealed_secret = models.TextField()
    sealed_passphrase = models.TextField(blank=True)
    key_digest = models.CharField(max_length=64, help_text="By which the same key is known again.")
    keys_since = models.DateTimeField(help_text="When these keys were given.")

    rights = models.CharField(max_length=12, help_text="What the exchange last said that the keys may do.")
    rights_lacking = models.JSONField(default=list, help_text="What Khalsi wants to read and they may not.")
    rights_seen_at = models.DateTimeField()
    rights_confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text="Its owner said that they can only read, where nobody else can tell."
    )

    due_at = models.DateTimeField(help_text="When it is synchronised next.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="Its owner waits for it: it goes first.")
    job_id = models.BigIntegerField(null=True, blank=True, help_text="The run that he watches.")
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    last_sync_at = models.DateTimeField(null=True, blank=True, help_text="Up to then all was read.")
    last_error_class = models.CharField(max_length=40, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    balances_at = models.DateTimeField(null=True, blank=True)
    balances_revision = models.BigIntegerField(
        null=True, blank=True, help_text="Revision of the portfolio that they were compared with."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "exchange", "key_digest"], name="one_connection_of_a_key"
            ),
            models.CheckConstraint(
                condition=models.Q(lease__isnull=False, leased_until__isnull=False)
                | models.Q(lease=None, leased_until=None),
                name="connection_lease_has_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "created_at"], name="connections_of_owner"),
            models.Index(
                fields=["exchange", "due_at"], condition=models.Q(state="active"), name="connections_due"
            ),
            models.Index(
                fields=["leased_until"], condition=models.Q(lease__isnull=False), name="connections_leased"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_exchange_display()} {self.name}"


class SyncCursor(models.Model):
    """How far one kind of rows has been read. It moves only when a window was read to its end and all of it stored."""

    class Kind(models.TextChoices):
        TRADES = "trades", "Trades"
        DEPOSITS = "deposits", "Deposits"
        WITHDRAWALS = "withdrawals", "Withdrawals"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="cursors")
    kind = models.CharField(max_length=11, choices=Kind)
    reached = models.DateTimeField(
        null=True, blank=True, help_text="Everything before is stored; empty: nothing was read to its end."
    )
    assets = models.JSONField(
        default=list, help_text="What was looked through up to there, where that is asked token by token."
    )
    looked_at = models.DateTimeField(null=True, blank=True, help_text="End of the last window that was read.")
    refused = models.PositiveIntegerField(default=0, help_text="Rows of it that made no sense.")
    window_since = models.DateTimeField(null=True, blank=True)
    window_until = models.DateTimeField(null=True, blank=True, help_text="Of the window being read, if any.")
    window_assets = models.JSONField(default=list)
    window_refused = models.PositiveIntegerField(default=0)
    open_from = models.DateTimeField(
        null=True, blank=True, help_text="Since then something in the window is not settled yet."
    )
    place = models.CharField(
        max_length=LONGEST_CURSOR, blank=True, help_text="Of its next page, in the exchange's words."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind"], name="one_cursor_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} up to {self.reached}"


class SyncRun(models.Model):
    """One time that a worker read from an account, for its owner and for staff. Wall time."""

    class State(models.TextChoices):
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        PAUSED = "paused", "To be continued"
        FAILED = "failed", "Failed"
        LOST = "lost", "Worker died"

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    lease = models.UUIDField()
    asked = models.BooleanField(default=False, help_text="Its owner or staff asked for it.")
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    windows = models.PositiveIntegerField(default=0, help_text="Read to their end.")
    rows_seen = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    error_class = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["connection", "-began_at"], name="sync_runs_of_connection")]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.began_at:%Y-%m-%d %H:%M:%S}"


class SeenBalance(models.Model):
    """A token of the account and how much of it the exchange says there is, beside what came of the history. Nothing
    is booked for it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="balances")
    ticker = models.CharField(max_length=32, help_text="The exchange's.")
    asset = models.CharField(
        max_length=MOST_ASSET, help_text="As in transactions; empty: dollars.", blank=True
    )
    total = AmountField(null=True, help_text="Empty: it was in the history, and no balance told of it yet.")
    seen_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(
        null=True, blank=True, help_text="When another total was seen than before; empty: nobody knows."
    )
    booked = AmountField(null=True, help_text="What the transactions of this connection add up to.")
    differs_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "ticker"], name="one_balance_of_a_ticker"),
        ]

    def __str__(self) -> str:
        return f"{self.total} {self.ticker}"


class SyncedRow(models.Model):
    """Which transaction came through which connection: so that it can go with it, and be compared with its balance."""

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="rows")
    transaction: Any = models.OneToOneField(
        "portfolios.Transaction", on_delete=models.CASCADE, related_name="synced"
    )
