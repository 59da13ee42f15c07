"""What accounts keep about a person: all of it but what would open the account (hashes, digests, sealed secrets)."""

from typing import Any
from uuid import UUID

from accounts.models import (
    ApiKey,
    AuditEntry,
    Mail,
    OneTimeToken,
    RecoveryCode,
    RefreshToken,
    SecondFactor,
    Session,
    User,
)
from accounts.selectors.audit import audit_by, audit_of
from core.models import IdempotentReply, JobRun


def stored_about(user_id: UUID) -> dict[str, Any]:
    """Each part is one value, or rows."""
    of_user = {"user_id": user_id}
    return {
        "account": _account(user_id),
        "sessions": Session.objects.filter(**of_user).order_by("created_at").values(
            "id", "kind", "created_at", "last_used_at", "expires_at", "ended_at", "ended_because",
            "address", "user_agent",
        ),
        "refresh_tokens": RefreshToken.objects.filter(session__user_id=user_id).order_by("issued_at").values(
            "session_id", "issued_at", "used_at"
        ),
        "api_keys": ApiKey.objects.filter(**of_user).order_by("created_at").values(
            "id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"
        ),
        "second_factor": SecondFactor.objects.filter(**of_user).values("begun_at").first(),
        "recovery_codes": RecoveryCode.objects.filter(**of_user).values("used_at"),
        "links_sent": OneTimeToken.objects.filter(**of_user).order_by("issued_at").values(
            "purpose", "email", "issued_at", "expires_at", "used_at"
        ),
        "mail_owed": Mail.objects.filter(**of_user).order_by("created_at").values(
            "kind", "to", "words", "created_at", "attempts"
        ),
        "idempotency_keys": IdempotentReply.objects.filter(owner=user_id).order_by("id").values(
            "key", "status", "expires_at"
        ),
        "jobs": JobRun.objects.filter(owner=user_id).order_by("id").values(
            "id", "job", "state", "detail", "started_at", "finished_at"
        ),
        "activity": map(_as_seen_by(user_id), audit_of(user_id).order_by("id").iterator()),
        "acts_on_other_accounts": audit_by(user_id).order_by("id").values(
            "at", "action", "address", "user_agent", "request_id"
        ),
    }  # fmt: skip


def _account(user_id: UUID) -> Any:
    return User.objects.filter(id=user_id).values(
        "id", "email", "username", "role", "plan", "email_verified", "second_factor_since", "preferences",
        "is_active", "created_at", "last_login",
    ).first()  # fmt: skip


def _as_seen_by(user_id: UUID) -> Any:
    def shown(entry: AuditEntry) -> dict[str, Any]:
        return {
            "at": entry.at,
            "action": entry.action,
            "by": "you" if entry.actor_id == user_id else "staff" if entry.actor_id else None,
            "detail": entry.detail,
            "object_type": entry.object_type,
            "object_id": entry.object_id,
            "address": entry.address,
            "user_agent": entry.user_agent,
            "request_id": entry.request_id,
        }

    return shown
