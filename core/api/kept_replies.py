"""Which write with an Idempotency-Key runs, and the reply that its repeats get.

A claim is a row with a lease. The reply is written in the transaction of the write itself, and only while the claim is
still its own: so a write that was killed left nothing and is run anew once its lease has ended, and one that was slower
than its lease is undone.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from core.lib.errors import Conflict
from core.lib.sealed_column import SealedColumn
from core.lib.sealing import CannotOpen
from core.models import IdempotentReply

BODY = SealedColumn(IdempotentReply, "sealed_body", purpose="kept reply", owner="owner")
KEPT_FOR = timedelta(hours=24)
LEASE = timedelta(seconds=20)
"""Longer than a write takes, and short enough that the retry of a killed one is answered within half a minute."""
ASK_AGAIN_SECONDS = 2
_TRIES = 3


class StillRunning(Conflict):
    retry_after = ASK_AGAIN_SECONDS


@dataclass(frozen=True)
class Kept:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Claim:
    """The right to run the write of this row, until the lease ends and somebody else takes it."""

    row: IdempotentReply
    token: uuid.UUID


def claim(owner: uuid.UUID, key: str, asked: str, now: datetime) -> Claim | Kept:
    """The caller's to run, or the reply of whoever ran it. Raises Conflict for another request under the same key, and
    StillRunning while the first has no answer yet."""
    for _ in range(_TRIES):
        row = IdempotentReply.objects.filter(owner=owner, key=key).first()
        if row is None:
            taken = _begin(owner, key, asked, now)
        elif row.expires_at > now and row.asked != asked:
            raise Conflict("This Idempotency-Key was used for another request; take a new one.")
        elif row.expires_at > now and row.status is not None:
            return _kept(row)
        elif row.expires_at > now and row.lease_until > now:
            break
        else:
            taken = _take_over(row, asked, now)
        if taken is not None:
            return taken
    raise StillRunning("The first request with this Idempotency-Key is still running.")


def keep(claim: Claim, reply: Kept) -> None:
    """Call it in the transaction of the write. Raises StillRunning, to undo it, where the claim is another's by now."""
    sealed = BODY.sealed(claim.row, reply.body.decode())
    kept = _rows(claim).update(status=reply.status, headers=dict(reply.headers), sealed_body=sealed)
    if not kept:
        raise StillRunning("This took too long, and a repeat of it is running.")


def reply_of(claim: Claim) -> Kept | None:
    """What was kept for this claim, if its write was committed."""
    row = IdempotentReply.objects.filter(pk=claim.row.pk, claim=claim.token).exclude(status=None).first()
    return None if row is None else _kept(row)


def release(claim: Claim) -> None:
    """Nothing was done: the key is as if it had never been sent."""
    _rows(claim).delete()


def forget_expired(now: datetime) -> int:
    return IdempotentReply.objects.filter(expires_at__lte=now).delete()[0]


def _rows(claim: Claim) -> QuerySet[IdempotentReply]:
    return IdempotentReply.objects.filter(pk=claim.row.pk, claim=claim.token, status=None)


def _begin(owner: uuid.UUID, key: str, asked: str, now: datetime) -> Claim | None:
    token = uuid.uuid4()
    try:
        with transaction.atomic():
            row = IdempotentReply.objects.create(owner=owner, key=key, claim=token, **_terms(asked, now))
    except IntegrityError:
        return None  # somebody came first, in this very moment
    return Claim(row, token)


def _take_over(row: IdempotentReply, asked: str, now: datetime) -> Claim | None:
    """Of those who see the same dead claim, the one who changes it has it."""
    token = uuid.uuid4()
    free = Q(expires_at__lte=now) | Q(status=None, lease_until__lte=now)
    taken = IdempotentReply.objects.filter(free, pk=row.pk, claim=row.claim).update(
        claim=token, status=None, headers={}, sealed_body="", **_terms(asked, now)
    )
    return Claim(row, token) if taken else None


def _terms(asked: str, now: datetime) -> dict[str, str | datetime]:
    return {"asked": asked, "lease_until": now + LEASE, "expires_at": now + KEPT_FOR}


def _kept(row: IdempotentReply) -> Kept:
    try:
        body = BODY.get(row)
    except CannotOpen:
        raise Conflict("This was done already, and its reply can no longer be shown.") from None
    return Kept(int(row.status or 0), row.headers, body.encode())
