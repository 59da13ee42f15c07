"""A file against a portfolio: which rows are new, known, probably there, ignored or rejected. Writes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portfolios.services.entries import Entry
from portfolios.services.importing.duplicates import Known
from portfolios.services.importing.resolving import Names, entries_of, known_names
from portfolios.statements.outcomes import Draft, Ignored, Outcome, Rejected, Terms
from portfolios.statements.statement import Statement

TELL_EVERY = 2000
Progress = Callable[[int], None]


@dataclass
class Sorted:
    """`new` in the order of time, since booking at the end of a history is cheap."""

    new: list[Entry] = field(default_factory=list)
    probable: list[tuple[int, Entry]] = field(default_factory=list)
    known: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    assets: dict[str, str] = field(default_factory=dict)
    """Tickers of the file, each with what it is taken for."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Tickers of no known token, with how many rows name them."""
    without_worth: int = 0
    """New trades and rewards whose worth in dollars nobody knows."""
    first: list[tuple[int, Entry]] = field(default_factory=list)


FIRST_SHOWN = 20


def sorted_out(
    statement: Statement,
    terms: Terms,
    portfolio_id: UUID,
    now: datetime,
    progress: Progress = lambda rows: None,
) -> Sorted:
    """`now` is market time; `progress` hears how many rows were read."""
    found, names = Sorted(), known_names()
    pairs = _checked(_drafts(statement.outcomes(terms), found, progress), found, names, now)
    known = Known(portfolio_id, (entry.external_id for _, entry in pairs))
    for draft, entry in pairs:
        if known.has(entry):
            found.known += 1
            continue
        _note_assets(draft, entry, found, names)
        if known.has_alike(entry):
            found.probable.append((draft.line, entry))
            continue
        found.new.append(entry)
        found.without_worth += _lacks_worth(entry)
        if len(found.first) < FIRST_SHOWN:
            found.first.append((draft.line, entry))
    found.new.sort(key=lambda entry: entry.executed_at)
    found.rejected.sort(key=lambda row: row.line)
    return found


def _drafts(outcomes: Iterable[Outcome], found: Sorted, progress: Progress) -> list[Draft]:
    drafts = []
    for count, outcome in enumerate(outcomes, start=1):
        if isinstance(outcome, Draft):
            drafts.append(outcome)
        elif isinstance(outcome, Ignored):
            found.ignored[outcome.reason] += 1
        else:
            found.rejected.append(outcome)
        if count % TELL_EVERY == 0:
            progress(count)
    return drafts


def _checked(drafts: list[Draft], found: Sorted, names: Names, now: datetime) -> list[tuple[Draft, Entry]]:
    pairs = []
    for draft, entry in entries_of(drafts, names, now):
        if isinstance(entry, Rejected):
            found.rejected.append(entry)
        else:
            pairs.append((draft, entry))
    return pairs


def _note_assets(draft: Draft, entry: Entry, found: Sorted, names: Names) -> None:
    told = (
        (draft.asset, entry.asset),
        (draft.quote_asset, entry.quote_asset),
        (draft.fee_asset, entry.fee_asset),
    )
    for written, meant in told:
        if names.is_unknown(meant):
            found.unknown[meant] += 1
        elif meant != written:
            found.assets[written] = meant


def _lacks_worth(entry: Entry) -> bool:
    return entry.price_usd is None and entry.kind.value in ("buy", "sell", "reward", "airdrop")
