"""Names the rows of a link that are not as they were: changed, slipped in or missing."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator

from markets.models import Token
from predictions.models import EngineVersion, Forecast, RecordLink
from predictions.record import written
from predictions.record.written import FORECAST_ROW, OUTCOME_ROW, Row

CANDIDATES = 20_000
Kind = RecordLink.Kind


def differences(link: RecordLink, rows: Iterable[Row]) -> Iterator[str]:
    """One sentence for each row, as far as the short digests that the link keeps of its rows can tell."""
    kept = bytes(link.row_digests)
    pairs = [(kept[at : at + 4], kept[at + 4 : at + 8]) for at in range(0, len(kept), 8)]
    lines, left = dict(pairs), Counter(key for key, _ in pairs)
    for row in rows:
        key, line = row.digests[:4], row.digests[4:]
        if not left[key]:
            yield f"{_named(row)} was slipped in."
            continue
        left[key] -= 1
        if lines[key] != line:
            yield f"{_named(row)} was changed."
    missing = deque(left.elements())
    names = _names_of(link, set(missing))
    for key in missing:
        yield f"{names.get(key, 'a row whose name is not known any more')} is missing."


def _named(row: Row) -> str:
    return f"{_words(row.key)} (number {row.pk})"


def _words(key: str) -> str:
    kind, token, timeframe, as_of, engine, version = written.name_of(key)
    what = "the forecast" if kind == FORECAST_ROW else "the outcome of the forecast"
    return f"{what} of {token}, {timeframe}, {as_of}, by {engine} {version}"


def _names_of(link: RecordLink, digests: set[bytes]) -> dict[bytes, str]:
    """Names that fit the digests, among those that the missing rows may have had."""
    if not digests:
        return {}
    found = {}
    for key in _candidates(link):
        digest = written.short(key)
        if digest in digests:
            found[digest] = _words(key)
    return found


def _candidates(link: RecordLink) -> Iterator[str]:
    if link.kind != Kind.OUTCOMES:
        yield from _forecasts_that_could_be(link)
    if link.kind != Kind.FORECASTS:
        yield from _outcomes_that_could_be(link)


def _forecasts_that_could_be(link: RecordLink) -> Iterator[str]:
    tokens = Token.objects.values_list("coingecko_id", flat=True)
    versions = EngineVersion.objects.filter(timeframe=link.timeframe).values_list("engine", "version")
    for token in tokens:
        for engine, version in versions:
            yield written.key_of(FORECAST_ROW, (token, link.timeframe, link.moment, engine, version))


def _outcomes_that_could_be(link: RecordLink) -> Iterator[str]:
    """Of the forecasts that had matured by then and have no outcome now, the newest first."""
    bare = Forecast.objects.filter(matures_at__lte=link.moment, outcome__isnull=True).order_by("-matures_at")
    named = bare.values_list(
        "token__coingecko_id", "timeframe", "as_of", "engine_version__engine", "engine_version__version"
    )
    for name in named[:CANDIDATES]:
        yield written.key_of(OUTCOME_ROW, name)
