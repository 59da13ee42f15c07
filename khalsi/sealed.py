"""Every column that holds sealed secrets, by name."""

from accounts.services.second_factor import SECRET
from alerts.services import sealed as channels
from core.api import kept_replies
from core.lib.sealed_column import SealedColumn
from portfolios.services import sealed as exchanges

SEALED: tuple[SealedColumn, ...] = (
    SECRET,
    kept_replies.BODY,
    channels.ADDRESS,
    channels.SECRET,
    channels.OLD_SECRET,
    channels.CODE,
    *exchanges.COLUMNS,
)


def sealed_with_unknown_keys() -> dict[str, int]:
    """How many secrets no key of this process opens, by the id of the key that they were sealed with."""
    found: dict[str, int] = {}
    for column in SEALED:
        for text in column.under_unknown_keys().values_list(column.column, flat=True).iterator():
            named = str(text).partition(":")[0][:8]
            found[named] = found.get(named, 0) + 1
    return found
