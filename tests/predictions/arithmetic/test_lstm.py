"""The recurrent network: it reads the path as it was, says what the library says, and comes back from its file.

What needs the library is skipped where the extra `lstm` is not installed; what the library once said is recorded.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.lib.errors import ArtifactRefused
from predictions.engines import artifacts, lstm, lstm_learning
from predictions.engines.batches import Snapshot, example_batch
from predictions.engines.lstm import READ, Lstm
from predictions.evaluation import scores, skill
from predictions.features.examples import counting_instants, examples
from predictions.horizons import by_name, classify
from tests.make.markets import NOON
from tests.make.pools import a_pool, waves

NOW = int(NOON.timestamp())
needs_library = pytest.mark.skipif(
    not lstm_learning.installed(), reason="PyTorch (the extra lstm) is not installed"
)


@pytest.fixture(scope="module")
def recorded():
    """Weights, 40 paths and PyTorch's own answers to them."""
    with np.load(Path(__file__).with_name("lstm_of_torch.npz")) as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module")
def snapshot():
    return Snapshot.at(waves(), NOW)


def network(recorded, timeframe="4h", slope=1.0):
    """Untrained: it says something everywhere, and nothing sensible."""
    sight = replace(a_pool().engines["ensemble"].sight, timeframe=by_name[timeframe])
    return Lstm(sight, {name: recorded[name] for name in lstm.WEIGHTS}, slope)


def asked(snapshot, timeframe="4h"):
    return snapshot.batch(by_name[timeframe], np.tile([0.3, 0.3, 0.4], (2, 1)))


def test_it_says_what_the_library_said(recorded):
    said = lstm.heads_of(recorded, recorded["steps"], recorded["band"])
    assert np.abs(said - recorded["said"]).max() < 1e-9


def test_its_steps_are_the_returns_of_their_spans(snapshot):
    """From the closes themselves, in units of the mean absolute hourly return."""
    steps = lstm.path(snapshot.X, snapshot.names)
    logs = np.log(snapshot.history.close)
    for step, begun in enumerate(lstm.BOUNDS[:-1]):
        ended = lstm.BOUNDS[step + 1]
        moved = logs[-1 - ended] - logs[-1 - begun]
        usual = snapshot.scale * np.sqrt(begun - ended)
        assert steps[:, step, 0] == pytest.approx(np.clip(moved / usual, -8, 8), abs=1e-4)


def test_what_is_missing_or_beyond_belief_is_kept_within_bounds():
    X = np.full((3, len(READ) + 1), np.nan)
    X[1], X[2] = 1e9, -1e9
    steps = lstm.path(X, (*READ, "log_band_over_scale"))
    assert not steps[0].any()
    assert np.abs(steps).max() <= lstm.FARTHEST


@pytest.mark.parametrize("timeframe", ["4h", "7d"])
def test_its_answers_keep_the_promise_of_every_engine(recorded, snapshot, timeframe):
    said = network(recorded, timeframe).forecast(asked(snapshot, timeframe))
    assert said.ok.all()
    assert said.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert (np.diff(said.quantiles) > 0).all()


def test_from_seven_days_on_it_does_not_say_which_way(recorded, snapshot):
    said = network(recorded, "7d").forecast(asked(snapshot, "7d"))
    assert said.probabilities[:, 0] == pytest.approx(said.probabilities[:, 1])
    assert not said.quantiles[:, 1].any()


def test_where_its_corrections_proved_nothing_it_says_the_baseline(recorded, snapshot):
    said = network(recorded, slope=0.0).forecast(asked(snapshot))
    assert said.probabilities == pytest.approx(np.tile([0.3, 0.3, 0.4], (2, 1)))


def with_network(recorded):
    pool = a_pool()
    engines = {
        **{name: one for name, one in pool.engines.items() if name != "lstm"},
        "lstm": network(recorded),
    }
    return replace(pool, engines=engines, header={**pool.header, "engines": list(engines)})


def test_its_file_can_be_used_without_the_library(recorded, snapshot, tmp_path):
    pool = with_network(recorded)
    artifacts.save(tmp_path / "pool.npz", pool)
    again = artifacts.load(tmp_path / "pool.npz").engines["lstm"]
    first, second = (engine.forecast(asked(snapshot)) for engine in (pool.engines["lstm"], again))
    assert np.array_equal(first.probabilities, second.probabilities)
    assert np.array_equal(first.quantiles, second.quantiles)


def test_parts_that_do_not_fit_together_are_refused(recorded, tmp_path):
    pool = with_network({**recorded, "head": recorded["head"][:, :-1]})
    artifacts.save(tmp_path / "pool.npz", pool)
    with pytest.raises(ArtifactRefused, match="do not fit together"):
        artifacts.load(tmp_path / "pool.npz")


@needs_library
@pytest.mark.slow
def test_it_learns_to_see_calm_and_wild_weeks():
    history, timeframe = waves(), by_name["4h"]
    found = examples(history, timeframe, counting_instants(history, timeframe))
    found = found.pick(found.matured(NOW))
    pool = lstm_learning_of(found, history, before=NOW - 40 * 86_400)
    late = found.pick(found.as_of > NOW - 38 * 86_400)
    batch = example_batch(late, history)
    said, came = pool.forecast(batch).probabilities, classify(late.log_return, late.band)
    assert skill.point(scores.log_score(said, came), scores.log_score(batch.baseline, came)) > 0


def lstm_learning_of(found, history, before):
    """The engine as a pool learns it from rows that matured before that moment."""
    from predictions.engines.learning import learn

    early = found.pick(found.matured(before))
    return learn(early, example_batch(early, history), "test").engines["lstm"]


@needs_library
def test_the_library_says_it_today_as_well(recorded):
    import torch

    model = lstm_learning.network()
    torch.nn.init.normal_(model["head"].weight)
    with torch.no_grad():
        shown = (torch.from_numpy(recorded[name]) for name in ("steps", "band"))
        told = lstm_learning.answers(model, *shown).numpy()
    said = lstm.heads_of(lstm_learning.weights_of(model), recorded["steps"], recorded["band"])
    assert np.abs(said - told).max() < 1e-9
