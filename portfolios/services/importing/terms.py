"""What an owner says of a file, as it is stored with the batch and as the arithmetic takes it."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.lib.errors import BadInput
from portfolios.statements.mapping import Columns
from portfolios.statements.money import USUAL_DOLLAR_COINS
from portfolios.statements.outcomes import DateOrder, Terms

CLOCKS_DIFFER_BY = timedelta(minutes=5)
DATE_ORDERS = {
    "auto": "as it stands, refused where it is unclear",
    "day": "day before month",
    "month": "month before day",
}


@dataclass(frozen=True)
class Wanted:
    """`preset` empty: by the header. `dollar_coins`: stablecoins count as a dollar each. `probable`: rows that are
    probably there already are imported too.
    """

    preset: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    zone: str = "UTC"
    date_order: DateOrder = "auto"
    decimal_comma: bool = False
    dollar_coins: bool = False
    probable: bool = False

    def checked(self) -> "Wanted":
        """Raises BadInput where a word is none that is known."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise BadInput.at("zone", "Choose a time zone by its name, such as Europe/Berlin.") from None
        if self.date_order not in DATE_ORDERS:
            raise BadInput.at("date_order", f"Choose one of: {', '.join(DATE_ORDERS)}.")
        return self

    def mapping(self) -> Columns:
        return Columns(self.columns, self.kind)

    def terms(self, now: datetime) -> Terms:
        """`now` is market time."""
        return Terms(
            zone=UTC if self.zone == "UTC" else ZoneInfo(self.zone),
            date_order=self.date_order,
            decimal_comma=self.decimal_comma,
            dollar_coins=USUAL_DOLLAR_COINS if self.dollar_coins else frozenset(),
            latest=now + CLOCKS_DIFFER_BY,
        )

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def wanted_of(stored: dict[str, Any]) -> Wanted:
    return Wanted(**stored)
