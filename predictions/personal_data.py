"""What forecasts keep about a person: which engines a member of the staff gave another role."""

from typing import Any
from uuid import UUID

from predictions.models import RoleChange


def stored_about(user_id: UUID) -> dict[str, Any]:
    """A decision stays when its author's account goes, without the name."""
    decided = RoleChange.objects.filter(user_id=user_id).order_by("id")
    return {
        "engine_roles_decided": decided.values(
            "changed_at", "timeframe", "version_id", "role_before", "role_after", "basis", "reason"
        )
    }
