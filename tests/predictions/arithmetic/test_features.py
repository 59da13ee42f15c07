"""Features: equal live and in training, bounded in their look back, and missing where candles are."""

from dataclasses import replace

import numpy as np
import pytest

from predictions.features.frame import FEATURE_NAMES, serving_matrix, training_matrix, window
from tests.predictions.arithmetic.panels import END, market


def feature(name, X):
    return X[..., FEATURE_NAMES.index(name)]


def test_serving_and_training_see_the_same():
    history = market(days=130)
    history.close[2500:2503, 1] = np.nan
    instants = END - 900 * np.array([3, 4, 40, 41, 200])
    _, together = training_matrix(history, instants)
    for place, as_of in enumerate(instants):
        _, alone = serving_matrix(history, int(as_of))
        assert np.array_equal(np.isnan(alone), np.isnan(together[place]))
        assert np.nanmax(np.abs(alone - together[place])) < 1e-9


def test_what_lies_before_the_window_does_not_matter():
    long, short = market(days=130), window(market(days=130), END)
    assert len(short.hours) == 2184 and len(short.quarters.times) == 480
    assert np.array_equal(serving_matrix(long, END)[1], serving_matrix(short, END)[1], equal_nan=True)


def test_a_return_is_told_in_units_of_the_token():
    history = market(days=61, quarter_days=0)
    moves = np.resize([0.01, -0.01], len(history.hours))
    moves[-4:] = 0.01
    steady = replace(history, close=np.repeat(100 * np.exp(np.cumsum(moves))[:, None], 3, axis=1))
    _, X = serving_matrix(steady, END)
    assert feature("return_4h", X) == pytest.approx(0.04 / (0.01 * 2), rel=1e-3)


def test_features_do_not_know_the_price_level():
    history = market(days=61)
    q = history.quarters
    cheap = replace(
        history,
        close=history.close * 1e-8,
        high=history.high * 1e-8,
        low=history.low * 1e-8,
        quarters=replace(q, close=q.close * 1e-8, high=q.high * 1e-8, low=q.low * 1e-8),
    )
    assert np.allclose(
        serving_matrix(cheap, END)[1], serving_matrix(history, END)[1], atol=1e-6, equal_nan=True
    )


def test_a_return_that_touches_a_missing_candle_is_missing():
    history = market(days=61)
    history.close[-5, 0] = np.nan
    _, X = serving_matrix(history, END)
    assert np.isnan(feature("return_4h", X)).tolist() == [True, False, False]
    assert np.isfinite(feature("return_3h", X)).all() and np.isfinite(feature("volatility_24h", X)).all()


def test_closes_alone_give_all_but_ranges_and_volume():
    history = market(days=61)
    nothing = np.full_like(history.close, np.nan)
    points = replace(history, high=nothing, low=nothing, volume=nothing, quarters=None)
    _, X = serving_matrix(points, END)
    missing = {name for name in FEATURE_NAMES if np.isnan(feature(name, X)).all()}
    assert {"parkinson_24h", "garman_klass_24h", "rvol_24h_7d", "return_15m"} <= missing
    assert not {"return_24h", "volatility_24h", "place_in_range_7d", "profile_next_24h"} & missing


def test_quarter_hours_tell_what_came_since_the_last_hour():
    history = market(days=61)
    _, then = serving_matrix(history, END - 3600)
    _, later = serving_matrix(history, END - 2700)
    assert np.array_equal(feature("return_24h", then), feature("return_24h", later))
    assert not np.array_equal(feature("return_15m", then), feature("return_15m", later))


def test_an_hour_that_has_not_arrived_leaves_nothing_to_say():
    _, X = serving_matrix(market(days=61), END + 3600)
    assert np.isnan(feature("return_1h", X)).all() and np.isnan(feature("return_15m", X)).all()


def test_a_token_that_stands_still_has_no_features_and_no_infinities():
    history = market(days=61)
    history.close[:, 2] = 1.0
    _, X = serving_matrix(history, END)
    assert not np.isinf(X).any() and np.isnan(feature("return_24h", X)[2])


def test_the_calendar_is_that_of_the_moment():
    """2024-11-21 was a Thursday."""
    _, X = serving_matrix(market(days=61), END - 900)
    assert feature("hour", X)[0] == 23.75 and feature("weekday", X)[0] == 2
