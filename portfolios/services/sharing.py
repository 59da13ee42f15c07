"""Share links: made and taken back by the owner, each written down in the log of the account."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import AuditEntry
from accounts.services.audit import Origin, record
from core.lib.errors import BadInput, Conflict, NotFound
from portfolios.models import ShareLink
from portfolios.selectors.portfolios import locked_portfolios, portfolio_in

LEAST_DAYS, MOST_DAYS = 1, 90
MOST_LINKS = 20
"""So many of one portfolio may count at the same time."""
_BYTES = 32
Action = AuditEntry.Action


@dataclass(frozen=True)
class Made:
    """`token` is told this once."""

    link: ShareLink
    token: str

    def __repr__(self) -> str:
        return f"Made({self.link})"


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(
    *, owner_id: UUID, portfolio_id: UUID, days: int, note: str, wall: datetime, origin: Origin
) -> Made:
    """Raises BadInput, NotFound, and Conflict where too many count already."""
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise BadInput.at("days", f"Write a whole number from {LEAST_DAYS} to {MOST_DAYS}.")
    token = secrets.token_urlsafe(_BYTES)
    with transaction.atomic():
        portfolio = portfolio_in(locked_portfolios(owner_id), portfolio_id)
        counting = portfolio.share_links.filter(ended_at=None, ends_at__gt=wall)
        if counting.count() >= MOST_LINKS:
            raise Conflict(f"This portfolio has {MOST_LINKS} links that count. Take one back first.")
        link = ShareLink.objects.create(
            portfolio=portfolio,
            digest=digest_of(token),
            note=note,
            made_at=wall,
            ends_at=wall + timedelta(days=days),
        )
        record(
            Action.PORTFOLIO_SHARED,
            account_id=owner_id,
            actor_id=owner_id,
            now=wall,
            origin=origin,
            about=link,
            detail=f"{portfolio.name}, for {days} days",
        )
    return Made(link, token)


def end_link(*, owner_id: UUID, portfolio_id: UUID, link_id: UUID, wall: datetime, origin: Origin) -> None:
    """Taken back at once; twice is once. Raises NotFound."""
    with transaction.atomic():
        own = ShareLink.objects.select_for_update().filter(
            pk=link_id, portfolio_id=portfolio_id, portfolio__owner_id=owner_id
        )
        link = own.first()
        if link is None:
            raise NotFound("This portfolio has no such link.")
        if link.ended_at is not None:
            return
        link.ended_at = wall
        link.save(update_fields=["ended_at"])
        record(
            Action.SHARE_ENDED,
            account_id=owner_id,
            actor_id=owner_id,
            now=wall,
            origin=origin,
            about=link,
        )
