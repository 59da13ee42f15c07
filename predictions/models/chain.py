"""The chain over the record: each link digests what one run stored, and the link before it.

Whoever noted a head can later check that nothing before it was changed, taken out or slipped in.
"""

from django.db import models


class RecordLink(models.Model):
    """One link, written once. What is digested, and how, stands in `predictions/record/written.py`.

    `content` digests the rows, `head` the rest of the link and the head before it; the first link has none before it.
    `row_digests` (8 bytes a row) prove nothing: they let a check name the row that was changed or slipped in.
    """

    class Kind(models.TextChoices):
        GENESIS = "genesis"
        FORECASTS = "forecasts"
        OUTCOMES = "outcomes"

    position = models.PositiveBigIntegerField(primary_key=True, help_text="1, 2, 3 … without a hole.")
    kind = models.CharField(max_length=10, choices=Kind)
    timeframe = models.CharField(
        max_length=4, blank=True, help_text="Of forecasts; empty where they are mixed."
    )
    moment = models.DateTimeField(
        help_text="Market time: `as_of` of the forecasts, or when outcomes were resolved."
    )
    rows = models.PositiveIntegerField()
    content = models.CharField(max_length=64, help_text="SHA-256 of the rows in their written form.")
    row_digests = models.BinaryField(default=b"", help_text="In the order of the written form.")
    previous = models.CharField(max_length=64, blank=True)
    head = models.CharField(max_length=64, unique=True)
    linked_at = models.DateTimeField(help_text="Wall time.")

    class Meta:
        indexes = [models.Index(fields=["moment"])]

    def __str__(self) -> str:
        return f"link {self.position} ({self.kind}) {self.head[:12]}"
