"""What portfolios announce. Sent after commit, at most once, where nothing else is said; revisions, marks and due times
in the tables tell the same."""

from django.dispatch import Signal

transactions_changed = Signal()
"""`portfolio_ids: list[UUID]`, `owner_id: UUID`: their transactions, or the lots that follow from them, are others."""

books_behind = Signal()
"""`owner_id: UUID`: some of his assets are too large to be worked out within a request."""

connections_due = Signal()
"""Somebody waits for a connection to be synchronised."""

connection_needs_attention = Signal()
"""`owner_id: UUID`, `notice: str` (for people), `now`: a connection stopped until its owner does something. Sent once,
*inside* the transaction that stops it, so that whoever tells the owner does so with it or not at all."""
