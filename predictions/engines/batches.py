"""Batches for engines: one moment's, its features computed once for all timeframes, or a back-test's rows."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from predictions.engines.base import Batch, Floats
from predictions.engines.climatology import (
    Counts,
    baseline_quantiles,
    deviations,
    frequencies,
    history_counts,
    normal_quantiles,
    spans,
)
from predictions.features.examples import Examples
from predictions.features.frame import scales, serving_matrix
from predictions.features.history import History, Seconds, reference_prices, window
from predictions.horizons import DAY, HOUR, Timeframe, band


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All tokens at one moment. `history` holds nothing that closed later; `scale` is M(t) (tokens,)."""

    history: History
    as_of: int
    names: tuple[str, ...]
    X: Floats
    scale: Floats

    @classmethod
    def at(cls, history: History, as_of: int) -> Self:
        """The state of the market at `as_of`, whatever later candles `history` may hold."""
        seen = window(history, as_of)
        names, features = serving_matrix(seen, as_of)
        return cls(seen, as_of, names, features, scales(seen, np.array([as_of]))[0])

    def batch(self, timeframe: Timeframe, baseline: Floats) -> Batch:
        """What engines are given for one timeframe; `baseline` (tokens, 3) comes from the stored tallies."""
        return Batch(
            timeframe=timeframe,
            as_of=self.as_of,
            tokens=self.history.tokens,
            feature_names=self.names,
            X=self.X,
            scale=self.scale,
            band=band(timeframe, self.scale),
            reference_price=reference_prices(self.history, timeframe, self.as_of),
            baseline=baseline,
            baseline_quantiles=baseline_quantiles(self.history, timeframe, self.as_of),
        )


def baseline_at(days: Seconds, counts: Counts, timeframe: Timeframe, as_of: int) -> Floats:
    """The climatology (tokens, 3) at one moment, from counts by day of maturity."""
    return frequencies(*spans(days, counts, as_of), timeframe.seconds)


def example_batch(rows: Examples, history: History) -> Batch:
    """All rows of a back-test as one batch, each with the baseline of its own moment."""
    return Batch(
        timeframe=rows.timeframe,
        as_of=rows.as_of,
        tokens=tuple(rows.tokens[column] for column in rows.token),
        feature_names=rows.names,
        X=rows.X,
        scale=rows.scale,
        band=rows.band,
        reference_price=rows.reference_price,
        baseline=_baselines(rows, history),
        baseline_quantiles=_quantiles(rows, history),
    )


def _baselines(rows: Examples, history: History) -> Floats:
    days, counts = history_counts(history, rows.timeframe)
    found = np.empty((len(rows), 3))
    today = rows.as_of // DAY
    for day in np.unique(today):
        here = today == day
        found[here] = baseline_at(days, counts, rows.timeframe, int(day) * DAY)[rows.token[here]]
    return found


def _quantiles(rows: Examples, history: History) -> Floats:
    wide = deviations(rows.timeframe, history.close)
    return normal_quantiles(wide[(rows.as_of - history.hours[0]) // HOUR, rows.token])


def pick_rows(batch: Batch, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Batch:
    """Some rows of a back-test's batch."""
    as_of = batch.as_of if isinstance(batch.as_of, int) else batch.as_of[chosen]
    tokens = tuple(token for token, wanted in zip(batch.tokens, chosen, strict=True) if wanted)
    columns = (
        batch.X,
        batch.scale,
        batch.band,
        batch.reference_price,
        batch.baseline,
        batch.baseline_quantiles,
    )
    return Batch(batch.timeframe, as_of, tokens, batch.feature_names, *(column[chosen] for column in columns))
