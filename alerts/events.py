"""What alerts announce. Sent after commit, at most once; the inbox and the sweep know it all the same."""

from django.dispatch import Signal

events_stored = Signal()
"""`event_ids: list[UUID]`: these events and their inbox items are stored."""

deliveries_owed = Signal()
"""`channel_ids: list[UUID]`: these notification channels are owed messages; `at: datetime | None`: then, or now."""

bot_was_told = Signal()
"""Somebody says that he sent the site's bot a code."""
