"""API keys: made, found by what a request sends, and revoked.

A key is `khalsi_`, a part that names its row and may be shown, and 256 random bits of which a digest is kept.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import ApiKey, User
from accounts.selectors.users import account_of
from accounts.services.audit import NOWHERE, Action, Origin, record
from accounts.services.mail import Kind, owe
from core.api.standing import forget
from core.lib.errors import BadInput, Conflict, NotFound, NotSignedIn

MOST_KEYS = {User.Plan.FREE: 3, User.Plan.PRO: 20}
SEEN_EVERY = timedelta(minutes=1)
TRAINERS = {User.Role.ANALYST, User.Role.STAFF, User.Role.ADMIN}
_OURS = re.compile(r"khalsi_([a-z0-9]{12})_[A-Za-z0-9_-]{43}", re.ASCII)
_REFUSED = "The API key is wrong, was revoked or has expired."


def make_api_key(
    *,
    user_id: UUID,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    expires_at: datetime | None = None,
    origin: Origin = NOWHERE,
) -> tuple[ApiKey, str]:
    """The row, and the key itself, which nobody can show again."""
    if expires_at is not None and expires_at <= now:
        raise BadInput.at("expires_at", "Write a time that is still to come.")
    prefix = "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(12))
    key = f"khalsi_{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        user = account_of(user_id, locked=True)  # so that two at once are not one too many
        wanted = _allowed(user, scopes)
        _refuse_too_many(user, now)
        row = ApiKey.objects.create(
            user=user,
            name=name,
            prefix=prefix,
            digest=digest_of(key),
            scopes=wanted,
            created_at=now,
            expires_at=expires_at,
        )
        detail = ", ".join(wanted)
        record(
            Action.API_KEY_MADE,
            account_id=user.id,
            actor_id=user.id,
            now=now,
            origin=origin,
            about=row,
            detail=detail,
        )
        owe(user, Kind.API_KEY_MADE, now=now, origin=origin, detail=f"It may: {detail}.")
    return row, key


def revoke_api_key(*, user_id: UUID, key_id: UUID, now: datetime, origin: Origin = NOWHERE) -> None:
    """NotFound for what is somebody else's, or revoked."""
    own = ApiKey.objects.filter(id=key_id, user_id=user_id, revoked_at=None)
    with transaction.atomic():
        row = own.first()
        if row is None or own.update(revoked_at=now) == 0:
            raise NotFound("There is no such key, or it was revoked already.")
        forget(user_id)
        record(
            Action.API_KEY_REVOKED, account_id=user_id, actor_id=user_id, now=now, origin=origin, about=row
        )


def revoke_all_api_keys(*, user_id: UUID, now: datetime, by: UUID, origin: Origin = NOWHERE) -> int:
    """How many there were. Only inside a transaction."""
    rows = list(api_keys_of(user_id, now).select_for_update(of=("self",)))
    ApiKey.objects.filter(id__in=[row.id for row in rows]).update(revoked_at=now)
    for row in rows:
        record(Action.API_KEY_REVOKED, account_id=user_id, actor_id=by, now=now, origin=origin, about=row)
    forget(user_id)
    return len(rows)


def find_api_key(key: str, now: datetime) -> ApiKey:
    """The key with its owner, in one query; raises NotSignedIn where it does not count."""
    shape = _OURS.fullmatch(key)
    row = _live(now).select_related("user").filter(prefix=shape[1]).first() if shape else None
    if row is None or not secrets.compare_digest(row.digest, digest_of(key)):
        raise NotSignedIn(_REFUSED)
    if row.last_used_at is None or now - row.last_used_at > SEEN_EVERY:
        ApiKey.objects.filter(id=row.id).update(last_used_at=now)
    return row


def api_keys_of(user_id: UUID, now: datetime) -> QuerySet[ApiKey]:
    """Those that count, newest first."""
    return _live(now).filter(user_id=user_id).order_by("-created_at", "id")


def _live(now: datetime) -> QuerySet[ApiKey]:
    in_time = Q(expires_at=None) | Q(expires_at__gt=now)
    return ApiKey.objects.filter(in_time, revoked_at=None, user__is_active=True)


def _allowed(user: User, scopes: Iterable[str]) -> list[str]:
    """In the order in which they are listed, each once; never more than the owner has."""
    wanted = [scope.value for scope in ApiKey.Scope if scope in set(scopes)]
    if not wanted:
        raise BadInput.at("scopes", "Choose what the key may do.")
    if ApiKey.Scope.TRAIN in wanted and user.role not in TRAINERS:
        raise BadInput.at("scopes", "Training is for analysts and staff.")
    return wanted


def _refuse_too_many(user: User, now: datetime) -> None:
    most = MOST_KEYS[User.Plan(user.plan)]
    if api_keys_of(user.id, now).count() >= most:
        raise Conflict(f"Your plan has {most} keys. Revoke one first.")


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
