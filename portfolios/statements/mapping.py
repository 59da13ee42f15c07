"""A file of no known kind: its owner says which column is what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.lib.errors import BadInput, FieldError
from portfolios.accounting.money import is_held
from portfolios.statements.identity import Names
from portfolios.statements.outcomes import CellError, Draft, Ignored, Kind
from portfolios.statements.presets.base import EachRow
from portfolios.statements.row import Row
from portfolios.statements.trades import MONEY_MOVED, price_of

FIELDS = {
    "executed_at": "When it happened",
    "kind": "What it was",
    "asset": "Asset",
    "quantity": "Quantity",
    "price_usd": "Price in US dollars for one",
    "quote_asset": "Paid with, or got for it",
    "quote_quantity": "How much of that",
    "fee_asset": "Fee paid in",
    "fee_quantity": "Fee",
    "note": "Note",
    "external_id": "Id of the row",
}
NEEDED = ("executed_at", "asset", "quantity")
_WORDS: dict[str, Kind] = {
    "buy": "buy", "bought": "buy", "purchase": "buy", "kauf": "buy", "b": "buy",
    "sell": "sell", "sold": "sell", "sale": "sell", "verkauf": "sell", "s": "sell",
    "transfer_in": "transfer_in", "transfer in": "transfer_in", "deposit": "transfer_in", "receive": "transfer_in",
    "received": "transfer_in", "in": "transfer_in",
    "transfer_out": "transfer_out", "transfer out": "transfer_out", "withdrawal": "transfer_out",
    "withdraw": "transfer_out", "send": "transfer_out", "sent": "transfer_out", "out": "transfer_out",
    "reward": "reward", "staking": "reward", "interest": "reward", "mining": "reward", "income": "reward",
    "airdrop": "airdrop", "fork": "airdrop", "fee": "fee", "fees": "fee",
}  # fmt: skip
KIND_RULE = "Write buy, sell, transfer_in, transfer_out, reward, airdrop or fee."


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns by the field that they hold; `kind` for all rows where no column says it."""

    columns: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""


class Own(EachRow):
    name, label, prefix = "own", "My own columns", "own"
    where = "Any CSV file with a header: you say which column is what."

    def __init__(self, mapping: Columns) -> None:
        self._mapping = mapping

    def one(self, row: Row, names: Names) -> Draft | Ignored:
        asset, quantity = row.ticker(self._of("asset")), row.size(self._of("quantity"))
        if not is_held(asset):
            return Ignored(row.line, MONEY_MOVED)
        at, kind = row.moment(self._of("executed_at")), self._kind(row)
        quote, paid = self._paid(row)
        fee = self._maybe(row, "fee_quantity") or Decimal(0)
        price = self._maybe(row, "price_usd")
        if price is None and paid is not None and not quote:
            price = price_of(paid, quantity)
        own = self._text(row, "external_id")
        return Draft(
            row.line,
            kind,
            at,
            asset,
            quantity,
            price_usd=price,
            quote_asset=quote,
            quote_quantity=paid,
            fee_asset=row.ticker(self._of("fee_asset")) if fee and self._text(row, "fee_asset") else "",
            fee_quantity=fee,
            note=self._text(row, "note")[:200],
            external_id=names.once(own, row.cells) if own else names.of([row.cells]),
        )

    def _kind(self, row: Row) -> Kind:
        found = _WORDS.get(self._text(row, "kind").lower() if self._of("kind") else self._mapping.kind)
        if found is None:
            raise CellError(self._of("kind"), KIND_RULE)
        return found

    def _paid(self, row: Row) -> tuple[str, Decimal | None]:
        """What was paid with must have an amount; an amount alone is in dollars."""
        much = self._maybe(row, "quote_quantity") or None
        quote = row.ticker(self._of("quote_asset")) if self._text(row, "quote_asset") else ""
        if quote and much is None:
            raise CellError(self._of("quote_quantity"), "Write how much was paid, or got.")
        return quote, much

    def _of(self, name: str) -> str:
        return self._mapping.columns.get(name, "")

    def _text(self, row: Row, name: str) -> str:
        return row.text(self._of(name)) if self._of(name) else ""

    def _maybe(self, row: Row, name: str) -> Decimal | None:
        found = row.maybe(self._of(name)) if self._of(name) else None
        return None if found is None else found.copy_abs()


def checked_mapping(columns: Mapping[str, str], kind: str, header: Sequence[str]) -> Columns:
    """Raises BadInput where a field is missing or names a column that the file does not have."""
    wanted = {name: column for name, column in columns.items() if column}
    wrong = [FieldError(name, "There is no such field.") for name in wanted if name not in FIELDS]
    wrong += [
        FieldError(name, "Choose a column of the file.")
        for name, column in wanted.items()
        if column not in header
    ]
    wrong += [
        FieldError(name, f"Choose the column for “{FIELDS[name]}”.") for name in NEEDED if name not in wanted
    ]
    if "kind" not in wanted and kind not in _WORDS.values():
        wrong.append(
            FieldError("kind", "Choose the column that says what a row is, or one kind for all rows.")
        )
    if wrong:
        raise BadInput("Say which column is what.", details=tuple(wrong))
    return Columns(wanted, kind)


def suggested(header: Sequence[str]) -> dict[str, str]:
    """Columns whose names leave no doubt."""
    told = {name.lower(): name for name in header}
    found = {field: next((told[one] for one in names if one in told), "") for field, names in _USUAL.items()}
    return {field: column for field, column in found.items() if column}


_USUAL = {
    "executed_at": ("executed_at", "date", "time", "timestamp", "datetime", "date(utc)", "executed at"),
    "kind": ("kind", "type", "side", "transaction type", "action"),
    "asset": ("asset", "coin", "symbol", "ticker", "token", "currency"),
    "quantity": ("quantity", "amount", "size", "volume", "units"),
    "price_usd": ("price_usd", "price usd", "price (usd)", "usd price"),
    "quote_asset": ("quote_asset", "quote", "quote currency"),
    "quote_quantity": ("quote_quantity", "total", "cost"),
    "fee_asset": ("fee_asset", "fee currency", "fee coin"),
    "fee_quantity": ("fee_quantity", "fee", "fees", "commission"),
    "note": ("note", "notes", "comment", "description", "memo"),
    "external_id": ("external_id", "id", "txid", "tx id", "transaction id", "trade id"),
}
