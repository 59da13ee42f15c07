"""Everything that is stored about a person, one entry for each app, and the way out for who wants to be gone.

An app that keeps something about users has a `personal_data.py` and stands in the list; its foreign keys to the user
say what becomes of it with the account (CASCADE: gone, SET_NULL: kept without a name). A test holds it to both.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from accounts.personal_data import stored_about as stored_by_accounts
from alerts.personal_data import stored_about as stored_by_alerts
from portfolios.personal_data import stored_about as stored_by_portfolios
from predictions.personal_data import stored_about as stored_by_predictions

PARTS = (stored_by_accounts, stored_by_predictions, stored_by_portfolios, stored_by_alerts)
FILENAME = "khalsi-my-data.json"


def everything_about(user_id: UUID) -> Iterator[tuple[str, Any]]:
    """Name by name, each looked up when the one before it is written."""
    for stored_about in PARTS:
        yield from stored_about(user_id).items()
