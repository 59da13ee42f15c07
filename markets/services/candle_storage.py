"""Closed candles into the table: only missing ones, never two sources in one series, conflicts refused."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import connection

from core.lib.clock import from_seconds
from markets.candles.series import CandleSeries
from markets.models import Candle, Token
from markets.providers.base import POINTS, Refusal
from markets.providers.plausible import is_jump
from markets.selectors.coverage import Edge
from markets.selectors.panel import series
from markets.services.bulk import insert_missing

_FIELDS = ["token", "interval", "open_time", "open", "high", "low", "close", "volume", "source"]
_BARS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class NewCandles:
    """Candles of one token and interval that a source answered."""

    token: Token
    interval: int
    series: CandleSeries


def store_candles(batch: Sequence[NewCandles], *, provider: str) -> None:
    """Add what is missing, in one statement; overlaps were compared before (`missing_of`) or cannot be."""
    source = settings.MARKET.stamp(provider)
    rows = [row for new in batch if _may_hold(new.token, provider) for row in _rows(new, source)]
    insert_missing(Candle, _FIELDS, rows)
    _name_source([new.token for new in batch if len(new.series)], provider)


def missing_of(new: NewCandles) -> tuple[NewCandles, list[Refusal]]:
    """The part that is not stored yet; where what is stored says otherwise, the newcomer is refused."""
    if not len(new.series):
        return new, []
    times = new.series.open_times
    stored = series(
        new.token.pk, new.interval, from_seconds(int(times[0])), from_seconds(int(times[-1]) + new.interval)
    )
    known = stored.times - new.interval
    refusals = []
    both, ours, theirs = np.intersect1d(known, times, assume_unique=True, return_indices=True)
    differ = int((stored.close[ours] != new.series.close[theirs]).sum())
    if differ and new.token.candle_source != POINTS:  # points of one hour differ from call to call
        reason = f"{differ} of {len(both)} candles differ from what is stored"
        refusals = [Refusal(new.token.coingecko_id, reason)]
    return NewCandles(new.token, new.interval, new.series.pick(~np.isin(times, known))), refusals


def without_leaps(
    candles: CandleSeries, edge: Edge | None, subject: str
) -> tuple[CandleSeries, list[Refusal]]:
    """The candles whose close can be believed beside the good one at the edge of what is stored."""
    if edge is None or not len(candles):
        return candles, []
    away = np.abs(candles.open_times - edge.opens)
    leaps = np.array(
        [is_jump(edge.close, close, gap) for close, gap in zip(candles.close, away, strict=True)], np.bool_
    )
    if not leaps.any():
        return candles, []
    return candles.pick(~leaps), [
        Refusal(subject, f"{int(leaps.sum())} closes that leap in too short a time")
    ]


def _may_hold(token: Token, provider: str) -> bool:
    return token.candle_source in {"", provider}


def _name_source(tokens: Sequence[Token], provider: str) -> None:
    nameless = [token.pk for token in tokens if not token.candle_source]
    if nameless:
        Token.objects.filter(pk__in=nameless, candle_source="").update(candle_source=provider)
    for token in tokens:
        token.candle_source = token.candle_source or provider


def _rows(new: NewCandles, source: str) -> list[tuple[object, ...]]:
    columns = [_nullable(getattr(new.series, name)) for name in _BARS]
    times = _moments(new.series)
    pk, interval = new.token.pk, new.interval
    return [(pk, interval, at, *bar, source) for at, *bar in zip(times, *columns, strict=True)]


def _moments(candles: CandleSeries) -> list[str]:
    """As the database writes them: text is ten times quicker to make than moments are."""
    zone = "Z" if connection.vendor == "postgresql" else ""
    texts = np.datetime_as_string(candles.open_times.astype("datetime64[s]")).tolist()
    return [text.replace("T", " ") + zone for text in texts]


def _nullable(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float | None]:
    if np.isnan(values).any():
        return [None if value != value else value for value in values.tolist()]
    return list(values.tolist())
