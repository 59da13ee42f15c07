"""What a visitor chose, for whoever shows or sends something."""

from typing import Any

from accounts.models.preferences import Preferences


def preferences_of(user: Any) -> Preferences:
    """Those of a user; the defaults for a visitor, or where a page is made before anybody was recognised."""
    return Preferences.of(getattr(user, "preferences", {}))
