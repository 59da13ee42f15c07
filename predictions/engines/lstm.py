"""A recurrent network that reads how the price came to where it is, from long ago to now; optional.

It reads scaled returns in steps that grow shorter towards now (a span of sixteen days first, single hours last), each
with how lively the token had been since. All tokens teach one network. Two heads answer: a softmax, as a correction of
the baseline's log-probabilities, and three quantiles in units of the usual deviation. Learning needs the extra `lstm`
(`lstm_learning`); answering is the few lines below, equal to the library's answer to 1e-9.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats
from predictions.engines.climatology import LEAST_DEVIATION
from predictions.engines.odds import LEAST, sigmoid
from predictions.engines.sight import BAND_FEATURE, Seen, Sight, say
from predictions.engines.volatility import usual_deviation
from predictions.horizons import DIRECTION_UNPROVEN

ENGINE = "lstm"
BOUNDS = (720, 336, 168, 72, 48, 24, 12, 8, 4, 3, 2, 1, 0)
"""Hours before the moment at which one step ends and the next begins."""
STEPS = len(BOUNDS) - 1
FINEST_LIVELINESS = 4
READ = tuple(
    [f"return_{hours}h" for hours in BOUNDS[:-1]]
    + [f"volatility_{hours}h" for hours in BOUNDS if hours >= FINEST_LIVELINESS]
)
"""The features that its path is made of."""
FARTHEST = 8.0
"""Further out than so many usual deviations nothing is told apart."""
HEADS = 6
"""Corrections of up, down and sideways; then the middle and the logarithms of the distances below and above it."""
WEIGHTS = ("into_gates", "from_before", "gate_bias", "head", "head_bias")
NARROWEST, WIDEST = -5.0, 3.0


@dataclass(frozen=True, eq=False)
class Lstm:
    """H units. `weights`: `into_gates` (4H, 2), `from_before` (4H, H), `gate_bias` (4H,) in the order input, forget,
    cell, output; `head` (6, H + 1) and `head_bias` (6,). `slope`: how far its corrections have proven right.
    """

    sight: Sight
    weights: dict[str, Floats]
    slope: float
    name = ENGINE

    @property
    def version(self) -> str:
        return self.sight.version

    def forecast(self, batch: Batch) -> Answer:
        return say(self, self.sight, batch)

    def probabilities(self, seen: Seen) -> Floats:
        corrected = self.slope * corrections(self._heads(seen), is_open(seen))
        return softmax(np.log(np.maximum(seen.baseline, LEAST)) + corrected)

    def quantiles(self, seen: Seen) -> Floats:
        heads = self._heads(seen)
        middle, below, above = heads[:, 3], *np.exp(np.clip(heads[:, 4:], NARROWEST, WIDEST)).T
        if not is_open(seen):
            middle = np.zeros_like(middle)
        wide = np.maximum(usual_deviation(seen.scale, seen.timeframe), LEAST_DEVIATION)
        return np.stack([middle - below, middle, middle + above], axis=1) * wide[:, None]

    def _heads(self, seen: Seen) -> Floats:
        return heads_of(self.weights, path(seen.X, self.sight.names), bands(seen.X, self.sight.names))

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {**self.weights, "slope": np.array([self.slope])}

    @classmethod
    def of_arrays(cls, sight: Sight, arrays: dict[str, NDArray[Any]]) -> Self:
        """Raises KeyError or ValueError where a part is missing or of another shape."""
        weights = {name: arrays[name] for name in WEIGHTS}
        units = weights["from_before"].shape[1]
        shapes = ((4 * units, 2), (4 * units, units), (4 * units,), (HEADS, units + 1), (HEADS,))
        if tuple(one.shape for one in weights.values()) != shapes:
            raise ValueError("the network's parts do not fit together")
        return cls(sight, weights, float(arrays["slope"][0]))


def heads_of(weights: dict[str, Floats], steps: Floats, band: Floats) -> Floats:
    """What the network says (N, 6) after reading `steps` (N, STEPS, 2), given ln(band ÷ M(t)) (N,)."""
    held = cell = np.zeros((len(steps), weights["from_before"].shape[1]))
    for step in range(steps.shape[1]):
        gates = steps[:, step] @ weights["into_gates"].T + held @ weights["from_before"].T
        take_in, keep, new, give_out = np.split(gates + weights["gate_bias"], 4, axis=1)
        cell = sigmoid(keep) * cell + sigmoid(take_in) * np.tanh(new)
        held = sigmoid(give_out) * np.tanh(cell)
    told = np.column_stack([held, band])
    return np.asarray(told @ weights["head"].T + weights["head_bias"])


def corrections(heads: Floats, direction_is_open: bool) -> Floats:
    """Of log-probabilities (N, 3); up and down alike where no engine may say which way."""
    found = heads[:, :3].copy()
    if not direction_is_open:
        found[:, :2] = found[:, :2].mean(axis=1, keepdims=True)
    return found


def softmax(logs: Floats) -> Floats:
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def is_open(seen: Seen) -> bool:
    return seen.timeframe.name not in DIRECTION_UNPROVEN


def path(X: Floats, names: tuple[str, ...]) -> Floats:
    """Steps (N, STEPS, 2): the scaled return of each, and liveliness since it began; 0, the usual, where missing."""
    known = dict(zip(names, X.T, strict=True))
    so_far = [_moved(known, hours) for hours in BOUNDS]
    found = np.empty((len(X), STEPS, 2))
    for step, (begun, ended) in enumerate(pairwise(BOUNDS)):
        found[:, step, 0] = (so_far[step] - so_far[step + 1]) / np.sqrt(begun - ended)
        found[:, step, 1] = known[f"volatility_{max(begun, FINEST_LIVELINESS)}h"]
    return np.clip(np.nan_to_num(found), -FARTHEST, FARTHEST)


def bands(X: Floats, names: tuple[str, ...]) -> Floats:
    return np.asarray(np.nan_to_num(X[:, names.index(BAND_FEATURE)]))


def _moved(known: dict[str, Floats], hours: int) -> Floats:
    """Since so many hours ago, in units of what is usual for one hour."""
    if not hours:
        return np.zeros(len(next(iter(known.values()))))
    return np.asarray(known[f"return_{hours}h"] * np.sqrt(hours))
