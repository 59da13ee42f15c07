"""The last close of single tokens before single moments: what was known of a price right then, and nothing later.

Quarter hours and hours are looked at; a close that is an hour old or older answers nothing.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection

QUARTER, HOUR = 900, 3600
OLDEST = HOUR
Asked = tuple[int, int]
"""Token id, and a second on the grid of quarter hours: a close can only be on it."""
_SECONDS = {"postgresql": "extract(epoch FROM c.open_time)::bigint", "sqlite": "unixepoch(c.open_time)"}


class LastClose(NamedTuple):
    price_usd: float
    closed_at: int
    interval: int
    source: str


def quarter_of(moment: float) -> int:
    """The last quarter hour that had closed by then, in seconds."""
    return int(moment // QUARTER) * QUARTER


def last_closes(asked: Iterable[Asked]) -> dict[Asked, LastClose]:
    """In one query, whatever their number; those without a close are left out. Of two that closed at once the quarter
    hour's."""
    pairs = sorted(set(asked))
    found: dict[Asked, LastClose] = {}
    for token, at, close, opened, interval, source in _rows(pairs) if pairs else ():
        new = LastClose(float(close), int(opened) + interval, interval, source)
        old = found.get((token, int(at)))
        if old is None or (new.closed_at, -new.interval) > (old.closed_at, -old.interval):
            found[token, int(at)] = new
    return found


def _rows(pairs: list[Asked]) -> list[tuple[int, int, float, int, int, str]]:
    """The pairs lead, so that each is one step into the index."""
    if connection.vendor == "postgresql":
        listed, token, at = "unnest(%s::bigint[], %s::bigint[]) AS p (token, at)", "p.token", "p.at"
        parameters: list[Any] = [[one for one, _ in pairs], [second for _, second in pairs]]
    else:
        listed = "json_each(%s) AS p"
        token, at = "json_extract(p.value, '$[0]')", "json_extract(p.value, '$[1]')"
        parameters = [json.dumps(pairs)]
    parts = [
        f"SELECT {token}, {at}, c.close, {_SECONDS[connection.vendor]}, c.interval, c.source FROM {listed}"  # noqa: S608
        f" CROSS JOIN markets_candle AS c WHERE c.token_id = {token} AND c.interval = {interval}"
        f" AND c.open_time > {_moment(at, interval + OLDEST)} AND c.open_time <= {_moment(at, interval)}"
        for interval in (QUARTER, HOUR)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters * len(parts))
        return list(cursor.fetchall())


def _moment(at: str, before: int) -> str:
    if connection.vendor == "postgresql":
        return f"to_timestamp({at} - {before})"
    return f"datetime({at} - {before}, 'unixepoch')"
