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
from markets.selectors.coverage import reaches
from markets.selectors.panel import DAY, HOUR, daily_closes, hourly_closes

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]
Marked = NDArray[np.bool_]
Wanted = tuple[int, int]
"""Token id, and the second at which an hour closed."""
_A_FEW = 3
"""Times of one token that are looked up one by one without asking how far its hours reach."""
_SECONDS = {"postgresql": "extract(epoch FROM c.open_time)::int8", "sqlite": "unixepoch(c.open_time)"}


def closes_at(token_ids: Sequence[int], times: Seconds) -> Floats:
    """One row for each of `times` (whole hours, ascending), one column for each token; NaN where there is none."""
    if not len(times) or not token_ids:
        return np.full((len(times), len(token_ids)), np.nan)
    hours = int(times[-1] - times[0]) // HOUR + 1
    if hours > 2 * len(times):
        return _far_apart(token_ids, times)
    every = hourly_closes(token_ids, from_seconds(int(times[-1])), hours + 1)
    places = (times - times[0]) // HOUR + 1
    return np.asarray(np.where(np.isnan(every[places]), every[places - 1], every[places]))


def closes_of(wanted: Iterable[Wanted]) -> dict[Wanted, float]:
    """Of single tokens at single times, in at most two queries; those without a close are left out."""
    asked = set(wanted)
    found = _stored(asked)
    earlier = _stored({(token, at - HOUR) for token, at in asked - found.keys()})
    return {(token, at + HOUR): close for (token, at), close in earlier.items()} | found


def _far_apart(token_ids: Sequence[int], times: Seconds) -> Floats:
    """Midnights by the day; other hours, and the hour before a midnight that is missing, one by one."""
    grid = np.full((len(times), len(token_ids)), np.nan)
    midnights = np.flatnonzero(times % DAY == 0)
    if len(midnights):
        first, last = int(times[midnights[0]]), int(times[midnights[-1]])
        daily = daily_closes(token_ids, from_seconds(last), (last - first) // DAY + 1)
        grid[midnights] = daily[(times[midnights] - first) // DAY]
    rows, columns = np.nonzero(_worth_asking(np.isnan(grid), token_ids, times))
    places = zip(rows.tolist(), columns.tolist(), strict=True)
    wanted = {(token_ids[column], int(times[row])): (row, column) for row, column in places}
    for pair, close in closes_of(wanted).items():
        grid[wanted[pair]] = close
    return grid


def _worth_asking(missing: Marked, token_ids: Sequence[int], times: Seconds) -> Marked:
    """Without what lies before a token's first stored hour or after its last: that may be years."""
    lacking = {token_ids[column] for column in np.flatnonzero(missing.sum(axis=0) > _A_FEW).tolist()}
    if not lacking:
        return missing
    reach = {token: [at.timestamp() for at in opens] for token, opens in reaches(list(lacking), HOUR).items()}
    for column, token in enumerate(token_ids):
        if token in lacking:
            begins, ends = reach.get(token, (0, -HOUR))
            missing[:, column] &= (times - HOUR >= begins) & (times - 2 * HOUR <= ends)
    return missing


def _stored(pairs: Iterable[Wanted]) -> dict[Wanted, float]:
    """Of each token its own times; the pairs lead, so that nothing is read beside them."""
    asked = sorted(pairs)
    if not asked:
        return {}
    if connection.vendor == "postgresql":
        listed = "unnest(%s::bigint[], %s::float8[]) AS p (token, at)"
        parameters: list[Any] = [[token for token, _ in asked], [float(at - HOUR) for _, at in asked]]
        token, moment = "p.token", "to_timestamp(p.at)"
    else:
        listed = "json_each(%s) AS p"
        parameters = [json.dumps([[token, _as_text(at - HOUR)] for token, at in asked])]
        token, moment = "json_extract(p.value, '$[0]')", "json_extract(p.value, '$[1]')"
    query = (
        f"SELECT c.token_id, {_SECONDS[connection.vendor]}, c.close FROM {listed}"  # noqa: S608
        f" CROSS JOIN markets_candle AS c"
        f" WHERE c.token_id = {token} AND c.interval = {HOUR} AND c.open_time = {moment}"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return {(token_id, opened + HOUR): close for token_id, opened, close in cursor.fetchall()}


def _as_text(seconds: int) -> str:
    """How Django writes a moment into SQLite."""
    return from_seconds(seconds).strftime("%Y-%m-%d %H:%M:%S")
