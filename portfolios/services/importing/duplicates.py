"""Which rows of a file are in the portfolio already: by their names, or by being like one under another name."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from portfolios.models import Transaction
from portfolios.services.entries import Entry

WITHIN_SECONDS = 1.0
_OWN_ID = "khalsi:"
_AT_ONCE = 1000

Likeness = tuple[str, str, str]


class Known:
    """What the portfolio holds, read once. A row of it can be the likeness of one row of the file only."""

    def __init__(self, portfolio_id: UUID, names: Iterable[str]) -> None:
        """`names` are the external ids of the file."""
        self._names = _names_there(portfolio_id, set(names))
        self._times: dict[Likeness, list[float]] = defaultdict(list)
        rows = Transaction.objects.filter(portfolio_id=portfolio_id).order_by("executed_at")
        columns = ("id", "external_id", "kind", "asset", "quantity", "executed_at")
        for pk, name, kind, asset, quantity, at in rows.values_list(*columns).iterator(_AT_ONCE):
            if name not in self._names and f"{_OWN_ID}{pk}" not in self._names:
                self._times[kind, asset, _plain(quantity)].append(at.timestamp())

    def has(self, entry: Entry) -> bool:
        """By its name; from then on a second row of this name is there as well."""
        is_there = entry.external_id in self._names
        self._names.add(entry.external_id)
        return is_there

    def has_alike(self, entry: Entry) -> bool:
        """Same kind, asset and quantity within a second of each other."""
        times = self._times.get((entry.kind.value, entry.asset, _plain(entry.quantity)))
        if not times:
            return False
        at = entry.executed_at.timestamp()
        place = bisect_left(times, at - WITHIN_SECONDS)
        if place == len(times) or times[place] > at + WITHIN_SECONDS:
            return False
        del times[place]
        return True


def _names_there(portfolio_id: UUID, names: set[str]) -> set[str]:
    """Of these names, those that a row has; a row entered here is named by its id in an export."""
    there: set[str] = set()
    own = Transaction.objects.filter(portfolio_id=portfolio_id)
    ordered = sorted(names)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        there.update(own.filter(external_id__in=some).values_list("external_id", flat=True))
        ids = [identity for name in some if (identity := _own_id(name)) is not None]
        there.update(f"{_OWN_ID}{pk}" for pk in own.filter(pk__in=ids).values_list("pk", flat=True))
    return there


def _own_id(name: str) -> UUID | None:
    try:
        return UUID(name.removeprefix(_OWN_ID)) if name.startswith(_OWN_ID) else None
    except ValueError:
        return None


def _plain(quantity: object) -> str:
    """One spelling for equal amounts."""
    text = format(quantity, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
