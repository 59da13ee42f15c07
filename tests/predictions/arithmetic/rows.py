"""Rows to learn from without a market: what decides sideways is known, so learning can be tested."""

import numpy as np

from predictions import horizons
from predictions.engines.base import Batch
from predictions.engines.learning import learn
from predictions.features.examples import Examples
from predictions.horizons import by_name

NAMES = ("calm", "lean", "noise")
START = 1_700_006_400


def rows(n=3000, timeframe="1h", seed=0, strength=1.0):
    """`calm` halves or doubles the coming move, `lean` tilts it, `noise` says nothing."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    frame = by_name[timeframe]
    scale = np.full(n, 0.005)
    wide = scale * 1.2533 * np.sqrt(frame.hours) * np.exp(-0.6 * strength * X[:, 0])
    moved = wide * (rng.normal(size=n) + 0.3 * strength * X[:, 1])
    return {
        "X": X.astype(np.float32).astype(np.float64),
        "log_return": moved,
        "band": horizons.band(frame, scale),
        "as_of": START + np.arange(n) * 3600,
        "timeframe": frame,
        "scale": scale,
        "activity": np.abs(moved) / (scale * np.sqrt(frame.hours)),
    }


def examples_of(given, names=NAMES):
    """The same as the rows that a pool learns from."""
    n = len(given["X"])
    return Examples(
        timeframe=given["timeframe"],
        tokens=("SOL",),
        names=names,
        as_of=given["as_of"],
        token=np.zeros(n, np.int64),
        X=given["X"],
        scale=given["scale"],
        band=given["band"],
        reference_price=np.full(n, 100.0),
        log_return=given["log_return"],
        activity=given["activity"],
    )


def trained(given=None, names=NAMES, version="test", **more):
    """A pool trained on `given`, or on 3000 rows."""
    found = given or rows()
    return learn(examples_of(found, names), batch_of(found, names), version, **more)


def batch_of(given, names=NAMES):
    n = len(given["X"])
    wide = 1.28 * 0.005 * 1.2533 * np.sqrt(given["timeframe"].hours)
    return Batch(
        timeframe=given["timeframe"],
        as_of=given["as_of"],
        tokens=tuple(range(n)),
        feature_names=names,
        X=given["X"],
        scale=given["scale"],
        band=given["band"],
        reference_price=np.full(n, 100.0),
        baseline=np.full((n, 3), 1 / 3),
        baseline_quantiles=np.tile([-wide, 0.0, wide], (n, 1)),
    )


def came(given):
    return horizons.classify(given["log_return"], given["band"])
