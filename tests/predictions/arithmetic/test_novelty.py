"""Rows unlike anything that was trained on are told from ordinary ones."""

import numpy as np

from predictions.engines.base import NOVEL
from predictions.engines.novelty import Novelty
from tests.predictions.arithmetic.rows import batch_of, rows, trained

RNG = np.random.default_rng(0)
SEEN = RNG.standard_t(4, size=(20_000, 90)) + RNG.normal(size=(20_000, 1))
EARLY = np.arange(20_000) < 16_000
LEARNED = Novelty.of(SEEN, EARLY, ~EARLY)


def test_hardly_any_ordinary_row_trips():
    fresh = RNG.standard_t(4, size=(20_000, 90)) + RNG.normal(size=(20_000, 1))
    assert sum(bool(reason) for reason in LEARNED.reasons(SEEN)) <= 20
    assert sum(bool(reason) for reason in LEARNED.reasons(fresh)) <= 20


def test_an_extreme_row_trips_and_says_how_much_of_it_is_strange():
    strange = SEEN[:1].copy()
    strange[0, :31] = 1000.0
    (reason,) = LEARNED.reasons(strange)
    assert reason.startswith(NOVEL) and reason.endswith("31 of 90 features lie outside what it has seen"), (
        reason
    )


def test_where_every_month_is_a_little_new_more_must_be_strange():
    drifting = SEEN + np.linspace(0, 40, 20_000)[:, None]
    assert Novelty.of(drifting, EARLY, ~EARLY).most > LEARNED.most


def test_one_strange_feature_is_no_reason_to_be_silent():
    strange = SEEN[:1].copy()
    strange[0, 0] = 1e6
    assert LEARNED.reasons(strange) == [""]


def test_what_is_missing_is_not_novel():
    sparse = SEEN[:5].copy()
    sparse[:, 20:] = np.nan
    assert LEARNED.reasons(sparse) == [""] * 5


def test_what_no_training_row_had_is_neither_inside_nor_outside():
    blind = SEEN.copy()
    blind[:, 40:] = np.nan
    assert Novelty.of(blind, EARLY, ~EARLY).reasons(SEEN[:3] * 0.1) == [""] * 3


def test_every_engine_of_a_pool_abstains_there_and_nowhere_else():
    pool, given = trained(), rows(seed=1)
    given["X"][7] = 1e4
    for name, engine in pool.engines.items():
        said = engine.forecast(batch_of(given))
        assert not said.ok[7] and said.reasons[7].startswith(NOVEL), name
        assert np.isnan(said.probabilities[7]).all()
        assert said.ok.sum() >= len(said.ok) - 10
