"""Tickers of a file as the tokens that are meant, and drafts as entries that may be booked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from markets.models import Token
from portfolios.accounting.money import is_held
from portfolios.accounting.movements import Kind
from portfolios.services.entries import Entry, faults_of, tidied
from portfolios.statements.outcomes import Draft, Rejected

_COPIED = [
    field.name for field in fields(Entry) if field.name not in ("kind", "asset", "quote_asset", "fee_asset")
]


@dataclass(frozen=True)
class Names:
    """`ids` are registered tokens; `by_ticker` the one of best rank for each ticker."""

    ids: frozenset[str]
    by_ticker: dict[str, str]

    def asset(self, name: str) -> str:
        """A ticker of no known token stays a ticker, until the owner says what it is."""
        if not is_held(name) or name in self.ids:
            return name
        return self.by_ticker.get(name, name)

    def is_unknown(self, asset: str) -> bool:
        return is_held(asset) and asset not in self.ids


def known_names() -> Names:
    by_ticker: dict[str, str] = {}
    for symbol, coingecko_id in Token.objects.active().by_rank().values_list("symbol", "coingecko_id"):
        by_ticker.setdefault(symbol, coingecko_id)
    return Names(frozenset(Token.objects.values_list("coingecko_id", flat=True)), by_ticker)


def entry_of(draft: Draft, names: Names) -> Entry:
    return tidied(
        Entry(
            kind=Kind(draft.kind),
            asset=names.asset(draft.asset),
            quote_asset=names.asset(draft.quote_asset),
            fee_asset=names.asset(draft.fee_asset),
            **{name: getattr(draft, name) for name in _COPIED},
        )
    )


def entries_of(
    drafts: Iterable[Draft], names: Names, now: datetime
) -> Iterator[tuple[Draft, Entry | Rejected]]:
    """`now` is market time."""
    for draft in drafts:
        entry = entry_of(draft, names)
        fault = next(faults_of(entry, now=now, tokens=names.ids), None)
        if fault is None:
            yield draft, entry
        else:
            yield draft, Rejected(draft.line, "", f"{fault.field}: {fault.message}")
