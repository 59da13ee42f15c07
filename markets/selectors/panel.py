"""Candles as arrays: many tokens on one grid of closing times, or one token's series; no ORM on the way.

PostgreSQL packs each token's candles into one field, in the form in which it would send the numbers, which numpy reads
as it stands: rows by the ten thousand cost the client ten times as much. SQLite hands over plain numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from core.lib.clock import from_seconds
from markets.models import Token
from markets.models.candle import EndsADay

DAY, HOUR, QUARTER = 86_400, 3600, 900
Floats = NDArray[np.float64]
_BARS = ("high", "low", "close", "volume")
_WHOLE_BARS = ("open", *_BARS)
_ROWS_AT_A_TIME = 2000


@dataclass(frozen=True)
class Panel:
    """`times` are closing seconds since 1970, without holes; a candle that is missing is NaN in every column.

    Where a source has closes alone (CoinGecko's points), high, low and volume are NaN throughout.
    """

    token_ids: tuple[int, ...]
    interval: int
    times: NDArray[np.int64]
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    sources: list[str]


@dataclass(frozen=True)
class Series:
    """One token's stored candles, ascending; `times` are closing seconds and have holes where some lack."""

    interval: int
    times: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    source: str


def hourly_panel(token_ids: Sequence[int], until: datetime, hours: int) -> Panel:
    """The last `hours` hourly candles that had closed by `until`."""
    return _panel(token_ids, HOUR, until, hours)


def quarter_panel(token_ids: Sequence[int], until: datetime, quarters: int) -> Panel:
    """The last `quarters` quarter-hour candles that had closed by `until`."""
    return _panel(token_ids, QUARTER, until, quarters)


def hourly_closes(token_ids: Sequence[int], until: datetime, hours: int) -> Floats:
    """Closes alone, one row an hour and one column a token, the newest last; NaN where one is missing."""
    return _closes(token_ids, HOUR, until, hours)


def daily_closes(token_ids: Sequence[int], until: datetime, days: int) -> Floats:
    """The same by the day: of the hours that closed at midnight (UTC), which have an index of their own."""
    return _closes(token_ids, DAY, until, days)


def series(token_id: int, interval: int, since: datetime, until: datetime) -> Series:
    """The candles that opened at `since` or later and had closed by `until`."""
    rows = _rows(
        [token_id], interval, ceil(since.timestamp()), int(until.timestamp()) - interval, _WHOLE_BARS
    )
    order = np.argsort(rows["at"])
    bars = {name: rows[name][order].astype(np.float64) for name in _WHOLE_BARS}
    times = rows["at"][order].astype(np.int64) + interval
    return Series(interval=interval, times=times, source=_sources([token_id])[0], **bars)


def _panel(token_ids: Sequence[int], interval: int, until: datetime, length: int) -> Panel:
    last = int(until.timestamp()) // interval * interval
    times = np.arange(last - (length - 1) * interval, last + 1, interval, dtype=np.int64)
    first_open = int(times[0]) - interval
    rows = _rows(token_ids, interval, first_open, last - interval, _BARS)
    where = _places(rows, token_ids, interval, first_open)
    bars = {name: _spread(rows[name], where, (length, len(token_ids))) for name in _BARS}
    return Panel(tuple(token_ids), interval, times, sources=_sources(token_ids), **bars)


def _closes(token_ids: Sequence[int], step: int, until: datetime, length: int) -> Floats:
    last_open = int(until.timestamp()) // step * step - HOUR
    first_open = last_open - (length - 1) * step
    rows = _rows(token_ids, HOUR, first_open, last_open, ("close",), only_daily=step == DAY)
    return _spread(rows["close"], _places(rows, token_ids, step, first_open), (length, len(token_ids)))


def _places(
    rows: NDArray[Any], token_ids: Sequence[int], step: int, first_open: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of each candle in the panel."""
    ids = np.asarray(token_ids, dtype=np.int64)
    order = np.argsort(ids)
    columns = order[np.searchsorted(ids, rows["token"], sorter=order)] if len(ids) else np.empty(0, np.int64)
    return (rows["at"].astype(np.int64) - first_open) // step, columns


def _spread(values: NDArray[Any], where: Any, shape: tuple[int, int]) -> Floats:
    grid = np.full(shape, np.nan)
    grid[where] = values
    return grid


def _sources(token_ids: Sequence[int]) -> list[str]:
    """The word that each token's candles carry, empty where it has none."""
    known = dict(Token.objects.filter(pk__in=token_ids).values_list("pk", "candle_source"))
    return [settings.MARKET.stamp(known[pk]) if known.get(pk) else "" for pk in token_ids]


def _rows(
    token_ids: Sequence[int],
    interval: int,
    first_open: int,
    last_open: int,
    bars: tuple[str, ...],
    only_daily: bool = False,
) -> NDArray[Any]:
    """Candles that open in [first_open, last_open] as a structured array with `token`, `at` and the bars."""
    ids = ",".join(str(int(pk)) for pk in token_ids)
    if not ids or last_open < first_open:
        return np.empty(0, _row(bars))
    is_postgresql = connection.vendor == "postgresql"
    of_these = f"WHERE token_id IN ({ids}) AND interval = {interval}"
    if only_daily:
        says = EndsADay.template if is_postgresql else EndsADay.template_of_sqlite
        of_these += f" AND {says % {'expressions': 'open_time'}}"
        if not is_postgresql:  # whose planner would sooner read every hour
            of_these = f"INDEXED BY candle_daily_closes {of_these}"
    return (_packed if is_postgresql else _fetched)(of_these, first_open, last_open, bars)


def _row(bars: tuple[str, ...]) -> np.dtype[Any]:
    return np.dtype([("token", np.int64), ("at", np.int64), *((name, np.float64) for name in bars)])


def _packed(of_these: str, first_open: int, last_open: int, bars: tuple[str, ...]) -> NDArray[Any]:
    values = "".join(f" || float8send(coalesce({name}, 'NaN'))" for name in bars)
    query = (  # whole numbers only, made here: nothing of it is text from outside
        f"SELECT token_id, string_agg(int8send(extract(epoch FROM open_time)::int8){values}, ''::bytea)"  # noqa: S608
        f" FROM markets_candle {of_these}"
        f" AND open_time BETWEEN to_timestamp({first_open}) AND to_timestamp({last_open})"
        f" GROUP BY token_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
    sent = np.dtype([("at", ">i8"), *((name, ">f8") for name in bars)])
    numbers = np.frombuffer(b"".join(packed for _, packed in found), sent)
    rows = np.empty(len(numbers), _row(bars))
    rows["token"] = np.repeat(
        [token for token, _ in found], [len(packed) // sent.itemsize for _, packed in found]
    )
    for name in ("at", *bars):
        rows[name] = numbers[name]
    return rows


def _fetched(of_these: str, first_open: int, last_open: int, bars: tuple[str, ...]) -> NDArray[Any]:
    """In chunks: half a million tuples at once keep the garbage collector busier than the query."""
    query = (  # whole numbers only, made here: nothing of it is text from outside
        f"SELECT token_id, unixepoch(open_time), {', '.join(bars)} FROM markets_candle"  # noqa: S608
        f" {of_these} AND open_time BETWEEN %s AND %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [_as_text(first_open), _as_text(last_open)])
        chunks = [
            np.array(chunk, np.float64) for chunk in iter(lambda: cursor.fetchmany(_ROWS_AT_A_TIME), [])
        ]
    table = np.concatenate(chunks) if chunks else np.empty((0, 2 + len(bars)))
    rows = np.empty(len(table), _row(bars))
    for place, name in enumerate(("token", "at", *bars)):
        rows[name] = table[:, place]
    return rows


def _as_text(seconds: int) -> str:
    """How Django writes a moment into SQLite."""
    return from_seconds(seconds).strftime("%Y-%m-%d %H:%M:%S")
