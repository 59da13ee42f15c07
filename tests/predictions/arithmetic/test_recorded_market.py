"""On recorded candles, where they are at hand, the definitions do what they were made for."""

from pathlib import Path

import numpy as np
import pytest

from markets.candles.folder import read_candles
from predictions.engines.climatology import class_counts
from predictions.features.scale import hourly_scales
from predictions.horizons import by_name

CANDLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "candles" / "SOL-1h.csv.gz"
needs_candles = pytest.mark.skipif(not CANDLES.exists(), reason=f"recorded candles are not at {CANDLES.name}")


@pytest.fixture(scope="module")
def sol():
    series = read_candles(CANDLES, 3600)
    times = np.arange(series.open_times[0], series.open_times[-1] + 1, 3600) + 3600
    close = np.full((len(times), 1), np.nan)
    close[(series.open_times + 3600 - times[0]) // 3600, 0] = series.close
    return times, close, hourly_scales(close)


@needs_candles
@pytest.mark.parametrize("name", ["1h", "4h", "1d", "7d"])
def test_each_class_comes_about_a_third_of_the_time(sol, name):
    _, counts = class_counts(by_name[name], *sol)
    share = counts.sum(axis=(0, 1)) / counts.sum()
    assert (share > 0.29).all() and (share < 0.40).all()
