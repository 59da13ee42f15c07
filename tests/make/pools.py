"""Engines that were trained together on a made-up market, once a process; and files of them."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from predictions.engines.batches import example_batch
from predictions.engines.learning import learn
from predictions.engines.pool import Pool
from predictions.features.examples import counting_instants, examples
from predictions.features.frame import History
from predictions.horizons import by_name
from predictions.services.registry import save_pool
from tests.make.markets import NOON

TRAINED_AT = NOON - timedelta(days=1)


def waves(days: int = 240) -> History:
    """Two tokens up to noon, among whose weeks calm and wild ones alternate."""
    rng = np.random.default_rng(5)
    hours = np.arange(days * 24) * 3600 + (int(NOON.timestamp()) - (days * 24 - 1) * 3600)
    wild = 0.004 * (1 + 0.5 * np.sin(np.arange(len(hours)) / 200))[:, None]
    close = 100 * np.exp(np.cumsum(rng.normal(0, 1, (len(hours), 2)) * wild, axis=0))
    return History(("A", "B"), hours, close, close * 1.004, close * 0.996, np.full(close.shape, 1000.0))


@cache
def a_pool(timeframe: str = "4h", version: str = "7") -> Pool:
    """Trained without a walk-forward test."""
    history, frame = waves(150), by_name[timeframe]
    rows = examples(history, frame, counting_instants(history, frame))
    rows = rows.pick(rows.matured(int(TRAINED_AT.timestamp())))
    return learn(rows, example_batch(rows, history), version)


def skill(low: float, value: float = 0.02) -> dict[str, Any]:
    return {"n": 5000, "skill": {"value": value, "low": low, "high": 0.04, "blocks": 60}}


def a_shipped_file(
    folder: Path, timeframe: str = "4h", low: float = 0.01, version: str = "initial-1"
) -> Path:
    """As it would come with the project; `low` is the lower end of its walk-forward interval."""
    path = folder / f"{timeframe}.npz"
    save_pool(
        path, a_pool(timeframe, version), {"ensemble": skill(low), "boosting": skill(low - 0.01)}, TRAINED_AT
    )
    return path
