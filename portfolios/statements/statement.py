"""A whole file: opened, its kind known or chosen, and read row by row to drafts and reasons."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.lib.errors import BadInput
from portfolios.statements.identity import Names
from portfolios.statements.mapping import Columns, Own, checked_mapping
from portfolios.statements.outcomes import Draft, Outcome, Rejected, Terms
from portfolios.statements.presets import OWN, PRESETS, recognised
from portfolios.statements.presets.base import Preset
from portfolios.statements.reading import Sheet, open_sheet
from portfolios.statements.row import Row
from portfolios.statements.trades import with_worths


@dataclass(frozen=True, slots=True)
class Statement:
    sheet: Sheet
    preset: Preset

    def outcomes(self, terms: Terms) -> Iterator[Outcome]:
        """Every row's, once. The same bytes under the same preset give the same external ids, whatever the terms."""
        broken: list[Rejected] = []
        rows = self._rows(terms, broken)
        for found in self.preset.read(rows, Names(self.preset.prefix)):
            yield with_worths(found, terms.dollar_coins) if isinstance(found, Draft) else found
        yield from broken

    def _rows(self, terms: Terms, broken: list[Rejected]) -> Iterator[Row]:
        terms = replace(terms, is_comma_unsure=self.sheet.delimiter != "," and not terms.decimal_comma)
        places = {name: place for place, name in enumerate(self.sheet.header)}
        for found in self.sheet.lines():
            if isinstance(found, Rejected):
                broken.append(found)
            elif len(found[1]) > len(places) and any(found[1][len(places) :]):
                message = f"The row has {len(found[1])} cells under {len(places)} columns: quote cells that hold one."
                broken.append(Rejected(found[0], "", message, found[1]))
            else:
                yield Row(*found, places, terms)


def open_file(data: bytes) -> Sheet:
    """The table, whoever wrote it. Raises TooLarge or BadInput."""
    return open_sheet(data, lambda header: recognised(header) is not None)


def statement(sheet: Sheet, name: str = "", columns: Columns | None = None) -> Statement:
    """Under the preset `name`, under the owner's own columns, or under the preset that knows the header. Raises
    BadInput where none does, or where the file is none of the chosen kind.
    """
    if name == OWN:
        own = columns or Columns()
        return Statement(sheet, Own(checked_mapping(own.columns, own.kind, sheet.header)))
    preset = PRESETS.get(name) if name else recognised(sheet.header)
    if preset is None:
        known = ", ".join([*PRESETS, OWN])
        raise BadInput.at(
            "preset",
            f"The columns are of no kind that is known: say which column is what, or choose one of: {known}.",
        )
    if not preset.knows(sheet.header):
        raise BadInput.at(
            "preset", f"The file's columns are not those of {preset.label}: choose another kind."
        )
    return Statement(sheet, preset)
