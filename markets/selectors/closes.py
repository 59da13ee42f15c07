"""Closes of stored hours at chosen times: what portfolios are valued with. No ORM on the way.

A close that is missing is answered with the one an hour before it, where that is stored; older ones never.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from core.lib.clock import from_seconds
from markets.selectors.panel import HOUR, hourly_closes

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]
Wanted = tuple[int, int]
"""Token id, and the second at which an hour closed."""
_ROWS_AT_A_TIME = 2000
_COPY_HEADER, _COPY_TRAILER = 19, 2
_COPY_ROW = np.dtype(
    [
        ("n", ">i2"),
        ("_1", ">i4"),
        ("token", ">i8"),
        ("_2", ">i4"),
        ("at", ">f8"),
        ("_3", ">i4"),
        ("close", ">f8"),
    ]
)
_SECONDS = {"postgresql": "extract(epoch FROM c.open_time)::float8", "sqlite": "unixepoch(c.open_time)"}


def closes_at(token_ids: Sequence[int], times: Seconds) -> Floats:
    """One row for each of `times` (whole hours, ascending), one column for each token; NaN where there is none."""
    if not len(times) or not token_ids:
        return np.full((len(times), len(token_ids)), np.nan)
    hours = int(times[-1] - times[0]) // HOUR + 1
    if hours > 2 * len(times):
        return _an_hour_earlier_where_missing(_scattered(token_ids, times), token_ids, times)
    every = hourly_closes(token_ids, from_seconds(int(times[-1])), hours + 1)
    places = (times - times[0]) // HOUR + 1
    return np.asarray(np.where(np.isnan(every[places]), every[places - 1], every[places]))


def closes_of(wanted: Iterable[Wanted]) -> dict[Wanted, float]:
    """Of single tokens at single times, in one query whatever their number; those without a close are left out."""
    asked = set(wanted)
    pairs = {(token, at - back - HOUR) for token, at in asked for back in (0, HOUR)}
    known = {(int(token), int(at) + HOUR): float(close) for token, at, close in _pairs(pairs)}
    either = {(token, at): known.get((token, at), known.get((token, at - HOUR))) for token, at in asked}
    return {pair: close for pair, close in either.items() if close is not None}


def _an_hour_earlier_where_missing(closes: Floats, token_ids: Sequence[int], times: Seconds) -> Floats:
    missing = np.isnan(closes)
    rows, columns = np.flatnonzero(missing.any(axis=1)), np.flatnonzero(missing.any(axis=0))
    if len(rows):
        part = np.ix_(rows, columns)
        before = _scattered([token_ids[column] for column in columns.tolist()], times[rows] - HOUR)
        closes[part] = np.where(missing[part], before, closes[part])
    return closes


def _scattered(token_ids: Sequence[int], times: Seconds) -> Floats:
    """At times far apart: each close is one step into the index."""
    grid = np.full((len(times), len(token_ids)), np.nan)
    ids = np.asarray(token_ids, np.int64)
    order = np.argsort(ids)
    token, opened, close = _times(token_ids, times - HOUR).T
    columns = order[np.searchsorted(ids, token.astype(np.int64), sorter=order)]
    grid[np.searchsorted(times, opened.astype(np.int64) + HOUR), columns] = close
    return grid


def _times(token_ids: Sequence[int], opens: Seconds) -> Floats:
    """Whole numbers alone, and made here: nothing of it is text from outside."""
    ids = ",".join(str(int(pk)) for pk in token_ids)
    if connection.vendor == "postgresql":
        seconds = ",".join(map(str, opens.tolist()))
        moments = f"= ANY(ARRAY(SELECT to_timestamp(at) FROM unnest(ARRAY[{seconds}]) AS at))"  # noqa: S608
    else:
        moments = "IN (" + ",".join(f"'{_as_text(at)}'" for at in opens.tolist()) + ")"
    query = (
        f"SELECT c.token_id, {_SECONDS[connection.vendor]}, c.close FROM markets_candle AS c"  # noqa: S608
        f" WHERE c.token_id IN ({ids}) AND c.interval = {HOUR} AND c.open_time {moments}"
    )
    return _copied(query) if connection.vendor == "postgresql" else _rows(query)


def _pairs(pairs: Iterable[tuple[int, int]]) -> Floats:
    """Of each token its own times; the pairs lead, so that nothing is read beside them."""
    asked = sorted(pairs)
    if connection.vendor == "postgresql":
        listed = "unnest(%s::bigint[], %s::float8[]) AS p (token, at)"
        parameters = [[token for token, _ in asked], [float(at) for _, at in asked]]
        token, moment = "p.token", "to_timestamp(p.at)"
    else:
        listed = "json_each(%s) AS p"
        parameters = [json.dumps([[token, _as_text(at)] for token, at in asked])]
        token, moment = "json_extract(p.value, '$[0]')", "json_extract(p.value, '$[1]')"
    return _rows(
        f"SELECT c.token_id, {_SECONDS[connection.vendor]}, c.close FROM {listed}"  # noqa: S608
        f" CROSS JOIN markets_candle AS c"
        f" WHERE c.token_id = {token} AND c.interval = {HOUR} AND c.open_time = {moment}",
        parameters,
    )


def _copied(query: str) -> Floats:
    """COPY's binary form has rows of one width, which numpy reads as they stand."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:
        reply = b"".join(bytes(part) for part in copy)
    rows = np.frombuffer(reply[_COPY_HEADER : len(reply) - _COPY_TRAILER], _COPY_ROW)
    return np.stack([rows["token"], rows["at"], rows["close"]], axis=1).astype(np.float64)


def _rows(query: str, parameters: Sequence[Any] = ()) -> Floats:
    """In chunks: hundreds of thousands of tuples at once keep the garbage collector busier than the query."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        chunks = [
            np.array(chunk, np.float64) for chunk in iter(lambda: cursor.fetchmany(_ROWS_AT_A_TIME), [])
        ]
    return np.concatenate(chunks) if chunks else np.empty((0, 3))


def _as_text(seconds: int) -> str:
    """How Django writes a moment into SQLite."""
    return from_seconds(seconds).strftime("%Y-%m-%d %H:%M:%S")
