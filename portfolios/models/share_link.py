"""A link by which others see what a portfolio is made of, in percent and nothing else."""

import uuid

from django.db import models

from portfolios.models.portfolio import Portfolio


class ShareLink(models.Model):
    """Its token is shown once and kept as a digest. All times are wall time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="share_links")
    digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(
        max_length=60, blank=True, help_text="For whom, in its maker's words; not shown to them."
    )
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When its maker took it back.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("made_at")), name="share_link_ends_after_it_was_made"
            ),
        ]
        indexes = [models.Index(fields=["portfolio", "-made_at"], name="share_links_of_portfolio")]

    def __str__(self) -> str:
        return f"share link {self.id}"
