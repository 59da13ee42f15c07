"""Forecasts and outcomes in their written form: stored ones a piece at a time, and those about to be stored."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from django.db.models import FloatField

from markets.models import Token
from predictions.models import EngineVersion, Forecast, Outcome, RecordLink
from predictions.record import written
from predictions.record.written import FORECAST_ROW, OUTCOME_ROW, Row

PIECE = 2000

_KEY = ("token__coingecko_id", "timeframe", "as_of", "engine_version__engine", "engine_version__version")
_ELSEWHERE = {"artifact": "engine_version__artifact_digest", "inputs": "inputs__digest"}
_FORECAST = [*_KEY, *(_ELSEWHERE.get(name, name) for name in written.FORECAST)]
_OUTCOME = [*(f"forecast__{name}" for name in _KEY), *written.OUTCOME]
_NAMED = len(_KEY)
_TABLES: tuple[tuple[str, Any, list[str]], ...] = (
    (FORECAST_ROW, Forecast.objects.all(), _FORECAST),
    (OUTCOME_ROW, Outcome.objects.all(), _OUTCOME),
)


def rows_between(first: int, last: int) -> dict[int, list[Row]]:
    """What is stored now under the links of these positions, in no order."""
    found: dict[int, list[Row]] = {position: [] for position in range(first, last + 1)}
    here = {"link_id__gte": first, "link_id__lte": last}
    for kind, rows, fields in _TABLES:
        for values in rows.filter(**here).values_list("link_id", "pk", *fields):
            found[values[0]].append(_row(kind, values[1:]))
    return found


def text_of(link: RecordLink) -> Iterator[str]:
    """The lines of what the link digests, from the rows that stand under it now; each with its line feed."""
    rows = (
        rows_without_link()
        if link.kind == RecordLink.Kind.GENESIS
        else rows_between(link.pk, link.pk)[link.pk]
    )
    for line in written.text(link.kind, rows):
        yield f"{line}\n"


def rows_without_link() -> Iterator[Row]:
    """Forecasts and then outcomes, each in the order in which they were stored: what a genesis digests."""
    for kind, rows, fields in _TABLES:
        last = 0
        found = rows.filter(link=None).order_by("pk").values_list("pk", *fields)
        while piece := list(found.filter(pk__gt=last)[:PIECE]):  # no cursor stays open meanwhile
            yield from (_row(kind, values) for values in piece)
            last = piece[-1][0]


def _row(kind: str, values: Sequence[Any]) -> Row:
    return Row(kind, values[1 : _NAMED + 1], values[_NAMED + 1 :], values[0])


def unsaved_forecasts(rows: Sequence[Forecast]) -> list[Row]:
    """As they will be read once they are stored; each has its token and its engine version at hand."""
    return [Row(FORECAST_ROW, _name(row), [read(row) for read in _FORECAST_VALUES]) for row in rows]


def unsaved_outcomes(rows: Sequence[Outcome]) -> list[Row]:
    """The same; each outcome has its forecast at hand, which knows token and engine by their numbers alone."""
    name = _names([row.forecast for row in rows])
    return [Row(OUTCOME_ROW, name(row.forecast), [read(row) for read in _OUTCOME_VALUES]) for row in rows]


def _name(row: Forecast) -> tuple[Any, ...]:
    made_by = row.engine_version
    return row.token.coingecko_id, row.timeframe, row.as_of, made_by.engine, made_by.version


def _names(forecasts: Sequence[Forecast]) -> Callable[[Forecast], tuple[Any, ...]]:
    """Two queries for all."""
    token_ids, version_ids = (
        {getattr(row, name) for row in forecasts} for name in ("token_id", "engine_version_id")
    )
    tokens = dict(Token.objects.filter(pk__in=token_ids).values_list("pk", "coingecko_id"))
    versions = EngineVersion.objects.filter(pk__in=version_ids).values_list("pk", "engine", "version")
    engines = {pk: (engine, version) for pk, engine, version in versions}
    return lambda row: (tokens[row.token_id], row.timeframe, row.as_of, *engines[row.engine_version_id])


def _reader(model: type[Forecast] | type[Outcome], name: str) -> Callable[[Any], Any]:
    """A field as the database will give it back: a whole number in a field of doubles is a double."""
    read = attrgetter(name)
    if not isinstance(model._meta.get_field(name), FloatField):
        return read
    return lambda row: None if read(row) is None else float(read(row))


def _digest_of_inputs(row: Forecast) -> str | None:
    return row.inputs.digest if row.inputs is not None else None


_FROM_ELSEWHERE: dict[str, Callable[[Any], Any]] = {
    "artifact": attrgetter("engine_version.artifact_digest"),
    "inputs": _digest_of_inputs,
}
_FORECAST_VALUES = [_FROM_ELSEWHERE.get(name) or _reader(Forecast, name) for name in written.FORECAST]
_OUTCOME_VALUES = [_reader(Outcome, name) for name in written.OUTCOME]
