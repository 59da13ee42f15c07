"""Writing the audit log, in the transaction of what it tells of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest

from accounts.models import AuditEntry
from core.api.client_address import UNKNOWN, client_address
from core.api.request_id import current_request_id
from core.lib.text import without_direction_marks

Action = AuditEntry.Action


@dataclass(frozen=True)
class Origin:
    """Where a request came from: of an IPv6 address its network, and what the client says it is."""

    address: str | None = None
    user_agent: str = ""


NOWHERE = Origin()
"""A job or a command, not a request."""


def origin_of(request: HttpRequest) -> Origin:
    address = client_address(request).partition("/")[0]
    return Origin(
        address=None if address == UNKNOWN else address,
        user_agent=_shown(request.headers.get("User-Agent", ""))[:200],
    )


def record(
    action: Action,
    *,
    account_id: UUID | None,
    now: datetime,
    actor_id: UUID | None = None,
    origin: Origin = NOWHERE,
    about: Model | None = None,
    detail: str = "",
) -> None:
    """One row. `detail` is for people and names no secret, address or token."""
    AuditEntry.objects.create(
        at=now,
        action=action,
        account_id=account_id,
        actor_id=actor_id,
        object_type=str(about._meta.verbose_name) if about else "",
        object_id=str(about.pk) if about else "",
        detail=detail[:200],
        address=origin.address,
        user_agent=_shown(origin.user_agent)[:200],
        request_id=current_request_id(),
    )


def _shown(text: str) -> str:
    """What a stranger says of himself, without anything that moves letters or lines."""
    printable = "".join(character for character in text if character.isprintable())
    return without_direction_marks(printable)
