"""What the engines of a pool see of a batch, and which of its rows they say nothing about."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats, answer, gaps
from predictions.engines.novelty import Novelty
from predictions.horizons import Timeframe

WRONG_TIMEFRAME = "engine was trained for another timeframe"
NO_FEATURES = "no features at that moment"
BAND_FEATURE = "log_band_over_scale"


@dataclass(frozen=True, eq=False)
class Seen:
    """The rows of a batch that can be forecast. `X`: the features and, last, ln(band ÷ M(t))."""

    timeframe: Timeframe
    X: Floats
    scale: Floats
    band: Floats
    baseline: Floats
    baseline_quantiles: Floats


@dataclass(frozen=True, eq=False)
class Sight:
    """Shared by all engines that were trained together, so that they abstain on the same rows."""

    version: str
    timeframe: Timeframe
    feature_names: tuple[str, ...]
    novelty: Novelty

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of `Seen.X`."""
        return (*self.feature_names, BAND_FEATURE)

    def reasons(self, batch: Batch) -> list[str]:
        """Why each row cannot be forecast; "" where it can."""
        if batch.timeframe != self.timeframe:
            return [WRONG_TIMEFRAME] * len(batch.tokens)
        blind = ~(np.isfinite(batch.X).any(axis=1) & (batch.scale > 0))
        nothing = [NO_FEATURES if none else "" for none in blind]
        novel = self.novelty.reasons(self._columns(batch))
        return [gap or none or new for gap, none, new in zip(gaps(batch), nothing, novel, strict=True)]

    def look(self, batch: Batch, rows: NDArray[np.bool_]) -> Seen:
        """Those rows, with the features by name: what the batch has more of, or in another order, does not
        matter."""
        known = (batch.scale, batch.band, batch.baseline, batch.baseline_quantiles)
        scale, band, baseline, quantiles = (values[rows] for values in known)
        X = with_band(self._columns(batch)[rows], band, scale)
        return Seen(batch.timeframe, X, scale, band, baseline, quantiles)

    def _columns(self, batch: Batch) -> Floats:
        if batch.feature_names == self.feature_names:
            return batch.X
        place = {name: column for column, name in enumerate(batch.feature_names)}
        return batch.X[:, [place[name] for name in self.feature_names]]


def with_band(X: Floats, band: Floats, scale: Floats) -> Floats:
    """The features and ln(band ÷ M(t)), which differs among tokens where the band stands at its floor."""
    return np.column_stack([X, np.log(band / scale).astype(np.float32)])


class Part(Protocol):
    """The figures of an engine for rows that can be forecast."""

    def probabilities(self, seen: Seen) -> Floats: ...

    def quantiles(self, seen: Seen) -> Floats: ...


def say(part: Part, sight: Sight, batch: Batch) -> Answer:
    """An engine's answer to a batch: figures where it can forecast, reasons where it cannot."""
    reasons = sight.reasons(batch)
    rows = np.array([not reason for reason in reasons], bool)
    said, wide = np.full((len(rows), 3), np.nan), np.full((len(rows), 3), np.nan)
    if rows.any():
        seen = sight.look(batch, rows)
        said[rows], wide[rows] = part.probabilities(seen), part.quantiles(seen)
    return answer(said, wide, reasons)
