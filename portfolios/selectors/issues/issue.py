"""What a data issue is: something missing or doubtful in what is stored, what follows from it, and what can be done."""

from dataclasses import dataclass
from enum import StrEnum

from portfolios.models import Connection, Transaction
from portfolios.selectors.matching import Suggestion


class IssueKind(StrEnum):
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105  no secret
    SHORT_HISTORY = "short_history"
    UNMATCHED_TRANSFER = "unmatched_transfer"
    UNKNOWN_WORTH = "unknown_worth"
    UNKNOWN_FEE = "unknown_fee"
    MISSING_PRICE = "missing_price"
    BALANCE_DIFFERS = "balance_differs"
    STALE_CONNECTION = "stale_connection"


class Action(StrEnum):
    NAME_TOKEN = "name_token"  # noqa: S105  no secret
    ADD_TRANSACTION = "add_transaction"
    MATCH = "match"
    STATE_WORTH = "state_worth"
    LEAVE = "leave"


@dataclass(frozen=True)
class Issue:
    """`facts` are what it is about: an issue that was left alone comes back when they change."""

    kind: IssueKind
    subject: str
    facts: str
    title: str
    meaning: str
    """What follows from it, and what would mend it."""
    actions: tuple[Action, ...]
    asset: str = ""
    transaction: Transaction | None = None
    connection: Connection | None = None
    suggestion: Suggestion | None = None
    is_left: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.kind.value, self.subject
