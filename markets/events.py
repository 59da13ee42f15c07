"""What the market announces. Sent after commit, at most once; a sweep finds what a lost one missed."""

from django.dispatch import Signal

quotes_stored = Signal()
"""`token_ids: list[int]`: these tokens have a newer whole quote, as each poll brings it every few minutes."""

prices_changed = Signal()
"""`token_ids: list[int]`: these tokens have a newer price, from a poll or from the stream; once a second at most.

Whoever watches prices listens to this one alone: a poll announces both.
"""

candles_stored = Signal()
"""`interval: int, closed_at: datetime, token_ids: list[int]`: candles closing at that instant are stored."""

history_there = Signal()
"""`reached: datetime`: the history that forecasts need is there for the first time, up to that market time."""
