"""THE CUT-OFF TEST: what is said at t is the same to the last bit whatever comes later."""

from functools import cache

import numpy as np
import pytest

from predictions.engines import climatology
from predictions.engines.batches import Snapshot, baseline_at, example_batch
from predictions.engines.learning import learn
from predictions.engines.rules import Rules
from predictions.features.examples import examples
from predictions.features.frame import cut, scales, serving_matrix, training_matrix
from predictions.features.levels import levels
from predictions.horizons import TIMEFRAMES, by_name
from tests.predictions.arithmetic.panels import END, changed_after, market

HISTORY = market(days=110, quarter_days=20)
MOMENTS = [int(END - 900 * back) for back in np.random.default_rng(3).integers(0, 15 * 96, 5)]
FUTURES = {
    "removed": cut,
    "altered": lambda history, as_of: changed_after(history, as_of, 1.01),
    "poisoned": lambda history, as_of: changed_after(history, as_of, 1000.0),
    "blank": lambda history, as_of: changed_after(history, as_of, np.nan),
}
pytestmark = pytest.mark.parametrize("future", FUTURES)


def same(first, second):
    return first.tobytes() == second.tobytes()


@pytest.mark.parametrize("as_of", MOMENTS)
def test_features_and_scale_are_the_same(as_of, future):
    other = FUTURES[future](HISTORY, as_of)
    assert same(serving_matrix(HISTORY, as_of)[1], serving_matrix(other, as_of)[1])
    assert same(Snapshot.at(HISTORY, as_of).scale, Snapshot.at(other, as_of).scale)


def test_features_and_scale_of_training_are_the_same(future):
    instants = np.array(sorted(MOMENTS))
    other = FUTURES[future](HISTORY, int(instants[-1]))
    assert same(training_matrix(HISTORY, instants)[1], training_matrix(other, instants)[1])
    assert same(scales(HISTORY, instants), scales(other, instants))


@pytest.mark.parametrize("timeframe", TIMEFRAMES, ids=lambda timeframe: timeframe.name)
def test_band_baseline_range_and_forecast_are_the_same(timeframe, future):
    as_of = MOMENTS[TIMEFRAMES.index(timeframe) % len(MOMENTS)]
    first = said_at(HISTORY, timeframe, as_of)
    second = said_at(FUTURES[future](HISTORY, as_of), timeframe, as_of)
    assert all(same(one, other) for one, other in zip(first, second, strict=True))


def said_at(history, timeframe, as_of):
    baseline = baseline_at(*climatology.history_counts(history, timeframe), timeframe, as_of)
    batch = Snapshot.at(history, as_of).batch(timeframe, baseline)
    said = Rules().forecast(batch)
    known = (batch.band, batch.baseline, batch.baseline_quantiles, batch.reference_price)
    return (*known, said.probabilities, said.quantiles)


@pytest.mark.parametrize("as_of", MOMENTS[:2])
def test_what_trained_engines_say_is_the_same(as_of, future):
    said = []
    for history in (HISTORY, FUTURES[future](HISTORY, as_of)):
        batch = Snapshot.at(history, as_of).batch(by_name["1h"], np.full((3, 3), 1 / 3))
        answers = [engine.forecast(batch) for engine in pool().engines.values()]
        assert all(answer.ok.all() for answer in answers)
        said.append([figures for answer in answers for figures in (answer.probabilities, answer.quantiles)])
    assert all(same(one, other) for one, other in zip(*said, strict=True))


@cache
def pool():
    """Trained on rows that had matured before the earliest of MOMENTS."""
    instants = np.arange(END - 70 * 86_400, END - 20 * 86_400, 2 * 3600)
    rows = examples(HISTORY, by_name["1h"], instants)
    return learn(rows, example_batch(rows, HISTORY), "test")


def test_levels_are_the_same(future):
    as_of = MOMENTS[0]
    now = Snapshot.at(HISTORY, as_of)
    price = now.batch(by_name["1h"], np.full((3, 3), 1 / 3)).reference_price
    assert levels(HISTORY, as_of, price, now.scale) == levels(
        FUTURES[future](HISTORY, as_of), as_of, price, now.scale
    )


def test_rows_to_learn_from_are_the_same(future):
    as_of = END - 40 * 3600
    instants = np.array([as_of - 7200, as_of - 3600, as_of])
    known = []
    for history in (HISTORY, FUTURES[future](HISTORY, as_of)):
        rows = examples(history, by_name["1h"], instants)
        batch = example_batch(rows, history)
        known.append((rows.X, rows.band, rows.reference_price, batch.baseline, batch.baseline_quantiles))
    assert all(same(one, other) for one, other in zip(*known, strict=True))


def test_labels_alone_look_ahead(future):
    as_of = END - 40 * 3600
    rows = [
        examples(history, by_name["1h"], np.array([as_of]))
        for history in (HISTORY, FUTURES[future](HISTORY, as_of))
    ]
    assert not same(rows[0].log_return, rows[1].log_return)
