"""Log-odds, the unit in which engines are pooled and corrected."""

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Floats

LEAST = 1e-9


def sigmoid(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


def logit(probability: Floats) -> Floats:
    inside = np.clip(probability, LEAST, 1 - LEAST)
    return np.asarray(np.log(inside / (1 - inside)))


def log_loss(log_odds: Floats, happened: NDArray[np.bool_] | Floats) -> float:
    """Mean of −ln of the probability of what came."""
    target, said = np.asarray(happened, np.float64), np.clip(sigmoid(log_odds), 1e-6, 1 - 1e-6)
    return float(-np.mean(target * np.log(said) + (1 - target) * np.log(1 - said)))


def blend(own: Floats, baseline: Floats, weight: float) -> Floats:
    """Weighted mean of log-probabilities (N, 3), renormalised."""
    mixed = np.exp(
        weight * np.log(np.maximum(own, LEAST)) + (1 - weight) * np.log(np.maximum(baseline, LEAST))
    )
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True))


def three(sideways: Floats, up: Floats | float = 0.5) -> Floats:
    """Up, down, sideways (N, 3) from the probability of sideways and that of up given not sideways."""
    moved = 1 - sideways
    return np.stack([moved * up, moved * (1 - up), sideways], axis=1)
