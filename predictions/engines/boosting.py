"""Calibrated gradient boosting, pooled over all tokens, one state for each timeframe.

1. Trees say how likely *sideways* is; a slope around the base rate, fitted on later rows, corrects their
confidence.
2. Strongly regularised trees say *up given not sideways*; their log-odds are shrunk by a factor fitted on
later rows, often to nearly nothing, since direction can hardly be forecast.
3. Trees say how lively the horizon will be; with M(t)·√h this is a deviation, and the quantiles of past
returns in units of theirs give the range.

From 7 days on, where nobody beats the climatology by much, half the weight (in log-probability) goes to the
baseline, and up and down are left even: no engine has shown that it knows one from the other that far ahead.

Serving needs arrays and numpy alone; `training` makes them.
"""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats, answer, gaps
from predictions.engines.climatology import LEAST_DEVIATION
from predictions.engines.trees import Trees
from predictions.features.scale import NORMAL
from predictions.horizons import DAY, Timeframe, by_name

ENGINE = "boosting"
WRONG_TIMEFRAME = "engine was trained for another timeframe"
NO_FEATURES = "no features at that moment"
BAND_FEATURE = "log_band_over_scale"


@dataclass(frozen=True, eq=False)
class Boosting:
    """A trained state. `sideways_fit`: base log-odds and slope; `direction_shrink`: 0 to 1; `residuals`: the
    10, 50 and 90 % quantiles of return ÷ deviation; `header` tells where it comes from.
    """

    version: str
    timeframe: Timeframe
    feature_names: tuple[str, ...]
    sideways: Trees
    direction: Trees
    liveliness: Trees
    sideways_fit: tuple[float, float]
    direction_shrink: float
    residuals: tuple[float, float, float]
    header: dict[str, Any] = field(default_factory=dict)
    name = ENGINE

    def forecast(self, batch: Batch) -> Answer:
        reasons = self._reasons(batch)
        ok = np.array([not reason for reason in reasons], bool)
        probabilities, quantiles = np.full((len(ok), 3), np.nan), np.full((len(ok), 3), np.nan)
        if ok.any():
            X = with_band(self._columns(batch)[ok], batch.band[ok], batch.scale[ok])
            weight = own_weight(self.timeframe)
            probabilities[ok] = blend(self._probabilities(X), batch.baseline[ok], weight)
            quantiles[ok] = self._quantiles(X, batch.scale[ok], batch.baseline_quantiles[ok], weight)
        return answer(probabilities, quantiles, reasons)

    def _reasons(self, batch: Batch) -> list[str]:
        if batch.timeframe != self.timeframe:
            return [WRONG_TIMEFRAME] * len(batch.tokens)
        blind = ~(np.isfinite(batch.X).any(axis=1) & (batch.scale > 0))
        return [
            reason or (NO_FEATURES if none else "") for reason, none in zip(gaps(batch), blind, strict=True)
        ]

    def _columns(self, batch: Batch) -> Floats:
        """The features by name: what the batch has more of, or in another order, does not matter."""
        if batch.feature_names == self.feature_names:
            return batch.X
        place = {name: column for column, name in enumerate(batch.feature_names)}
        return batch.X[:, [place[name] for name in self.feature_names]]

    def _probabilities(self, X: Floats) -> Floats:
        base, slope = self.sideways_fit
        sideways = sigmoid(base + slope * (self.sideways.predict(X) - base))
        up = sigmoid(self.direction_shrink * (self.direction.predict(X) - self.direction.start[0]))
        return np.stack([(1 - sideways) * up, (1 - sideways) * (1 - up), sideways], axis=1)

    def _quantiles(self, X: Floats, scale: Floats, baseline: Floats, weight: float) -> Floats:
        wide = deviation(self.liveliness, X, scale, self.timeframe)
        other = np.maximum(
            (baseline[:, 2] - baseline[:, 0]) / (self.residuals[2] - self.residuals[0]), LEAST_DEVIATION
        )
        mixed = np.exp(weight * np.log(np.maximum(wide, LEAST_DEVIATION)) + (1 - weight) * np.log(other))
        return np.asarray(mixed[:, None] * np.array(self.residuals))

    def arrays(self) -> dict[str, NDArray[Any]]:
        parts: dict[str, NDArray[Any]] = {}
        for name in ("sideways", "direction", "liveliness"):
            parts |= getattr(self, name).arrays(name)
        figures = [*self.sideways_fit, self.direction_shrink, *self.residuals]
        return parts | {"figures": np.array(figures, np.float64)}

    @classmethod
    def of_arrays(cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        base, slope, shrink, low, middle, high = (float(figure) for figure in arrays["figures"])
        return cls(
            version=header["version"],
            timeframe=by_name[header["timeframe"]],
            feature_names=tuple(header["features"]),
            sideways=Trees.of_arrays("sideways", arrays),
            direction=Trees.of_arrays("direction", arrays),
            liveliness=Trees.of_arrays("liveliness", arrays),
            sideways_fit=(base, slope),
            direction_shrink=shrink,
            residuals=(low, middle, high),
            header=header,
        )


def own_weight(timeframe: Timeframe) -> float:
    """The engine's weight against the baseline, in log-probability."""
    return 1.0 if timeframe.seconds < 7 * DAY else 0.5


def with_band(X: Floats, band: Floats, scale: Floats) -> Floats:
    """The features and ln(band ÷ M(t)), which differs among tokens where the band stands at its floor."""
    return np.column_stack([X, np.log(band / scale)])


def blend(own: Floats, baseline: Floats, weight: float) -> Floats:
    """Weighted mean of log-probabilities, renormalised."""
    mixed = np.exp(weight * np.log(np.maximum(own, 1e-9)) + (1 - weight) * np.log(np.maximum(baseline, 1e-9)))
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True))


def deviation(liveliness: Trees, X: Floats, scale: Floats, timeframe: Timeframe) -> Floats:
    """Deviation of the return over h (N,): 1.2533 × M(t) × √h × how lively the trees expect it to be."""
    return np.asarray(NORMAL * scale * np.sqrt(timeframe.hours) * np.exp(liveliness.predict(X)))


def sigmoid(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))
