"""The promise that every engine keeps: a batch of tokens in, probabilities and a range for each of them out.

A batch is built from a `features.frame.Snapshot` (live) or from `features.examples` (training and
back-tests); an engine looks at nothing else, so it cannot see the future or the clock.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from predictions.horizons import Timeframe

Floats = NDArray[np.float64]
QUANTILES = (0.1, 0.5, 0.9)
NO_SCALE = "less than 30 days of hourly candles"
NO_PRICE = "no candle closed at that moment"
NO_BASELINE = "no baseline range"
NOVEL = "unlike anything it was trained on"
"""How every reason begins that a trained engine gives for a row outside of what it has seen."""


@dataclass(frozen=True, eq=False)
class Batch:
    """N rows to forecast at one timeframe, mostly one for each token.

    `as_of`: seconds since 1970; one moment for all rows, or in back-tests one for each. `X` (N, features) in
    the order of `feature_names`, NaN where missing. `scale` M(t), `band`, `reference_price` (N,). `baseline`
    (N, 3): probabilities of up, down, sideways of the climatology. `baseline_quantiles` (N, 3): log returns
    at 10, 50 and 90 % of its range.
    """

    timeframe: Timeframe
    as_of: int | NDArray[np.int64]
    tokens: tuple[Hashable, ...]
    feature_names: tuple[str, ...]
    X: Floats
    scale: Floats
    band: Floats
    reference_price: Floats
    baseline: Floats
    baseline_quantiles: Floats

    def column(self, name: str) -> Floats:
        """One feature (N,)."""
        return self.X[:, self.feature_names.index(name)]


@dataclass(frozen=True, eq=False)
class Answer:
    """`probabilities` (N, 3) of up, down, sideways, rows sum to 1; `quantiles` (N, 3) of the log return at
    10, 50, 90 %, ascending. Where `ok` (N,) is False the engine abstains: its row is NaN and `reasons` says
    why ("" where ok)."""

    probabilities: Floats
    quantiles: Floats
    ok: NDArray[np.bool_]
    reasons: list[str]


class Engine(Protocol):
    """Same batch, same answer, whatever other rows the batch holds."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def forecast(self, batch: Batch) -> Answer: ...


def gaps(batch: Batch) -> list[str]:
    """Why each row cannot be forecast by anybody; "" where it can."""
    checks = (
        (~np.isfinite(batch.scale) | ~np.isfinite(batch.band), NO_SCALE),
        (~(batch.reference_price > 0), NO_PRICE),
        (
            ~(np.isfinite(batch.baseline).all(axis=1) & np.isfinite(batch.baseline_quantiles).all(axis=1)),
            NO_BASELINE,
        ),
    )
    reasons = [""] * len(batch.tokens)
    for wrong, reason in reversed(checks):
        for row in np.flatnonzero(wrong):
            reasons[row] = reason
    return reasons


def answer(probabilities: Floats, quantiles: Floats, reasons: list[str]) -> Answer:
    """An answer whose abstentions are blanked; raises where a row that is said to be right is not."""
    ok = np.array([not reason for reason in reasons], bool)
    said, spread = (np.where(ok[:, None], values, np.nan) for values in (probabilities, quantiles))
    sane = (np.abs(said.sum(axis=1) - 1) < 1e-9) & (said >= 0).all(axis=1) & (np.diff(spread) > 0).all(axis=1)
    if not sane[ok].all():
        raise ValueError(
            f"Rows {np.flatnonzero(ok & ~sane)[:5].tolist()} are no probabilities with an ascending range."
        )
    return Answer(said, spread, ok, reasons)
