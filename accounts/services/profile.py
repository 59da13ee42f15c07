"""What users change about themselves."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.models.names import normal_username
from accounts.selectors.users import account_of
from accounts.services.registration import refuse_taken, save_unless_taken


def change_profile(*, user_id: UUID, changes: dict[str, Any]) -> User:
    """Sets `username` and merges `preferences`, where given (a preference of None is forgotten)."""
    with transaction.atomic():
        user = account_of(user_id, locked=True)
        if "username" in changes:
            user.username = normal_username(changes["username"]) if changes["username"] else None
        merged = {**user.preferences, **changes.get("preferences", {})}
        user.preferences = {name: value for name, value in merged.items() if value is not None}
        refuse_taken(user)
        save_unless_taken(user, update_fields=["username", "preferences"])
    return user
