"""The user behind an id that a credential named."""

from uuid import UUID

from accounts.models import User
from core.lib.errors import NotSignedIn


def account_of(user_id: UUID, *, locked: bool = False) -> User:
    """NotSignedIn where the account was deleted a moment ago: a credential is known for seconds without a query.

    `locked` holds the row until the transaction ends, so that two requests at once do not both pass a check.
    """
    rows = User.objects.select_for_update() if locked else User.objects.all()
    try:
        return rows.get(id=user_id)
    except User.DoesNotExist:
        raise NotSignedIn("This account is gone.") from None
