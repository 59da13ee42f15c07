"""A portfolio: a name, an owner, and the order in which its lots are used up."""

import uuid

from django.conf import settings
from django.db import models

from core.models import JobRun
from portfolios.accounting.movements import Method


class Portfolio(models.Model):
    """`revision` grows with every change of its transactions, in the same database transaction: what is worked out of
    them is kept under it, and `book_revision` says for which the lots were last worked out. Where the two differ the
    figures are being worked out anew, and are shown so.
    """

    class CostMethod(models.TextChoices):
        FIFO = Method.FIFO.value, "First in, first out"
        LIFO = Method.LIFO.value, "Last in, first out"
        HIFO = Method.HIFO.value, "Highest cost first"
        AVERAGE = Method.AVERAGE.value, "Average cost"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="portfolios")
    name = models.CharField(max_length=60)
    note = models.CharField(max_length=200, blank=True)
    method = models.CharField(max_length=8, choices=CostMethod, default=CostMethod.FIFO)
    is_default = models.BooleanField(default=False, help_text="The one that `/market/portfolio` shows.")
    revision = models.PositiveBigIntegerField(default=0)
    book_revision = models.PositiveBigIntegerField(default=0)
    book_run = models.ForeignKey(
        JobRun,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The job that works the book out anew, with its progress.",
    )
    created_at = models.DateTimeField(help_text="Wall time.")
    changed_at = models.DateTimeField(help_text="Wall time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="portfolio_names_differ"),
            models.UniqueConstraint(
                fields=["owner"], condition=models.Q(is_default=True), name="one_default_portfolio"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_current(self) -> bool:
        """False while lots and holdings are worked out anew after a change of the past."""
        return self.book_revision == self.revision
