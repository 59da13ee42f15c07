"""Walk-forward: nothing is learned that had not matured, and it says what serving would have said."""

import numpy as np
import pytest

from predictions.engines.batches import Snapshot, baseline_at, example_batch, pick_rows
from predictions.engines.climatology import Climatology, history_counts
from predictions.engines.learning import learn
from predictions.evaluation.walk_forward import Fold, Said, folds, report, split, walk_forward
from predictions.features.examples import EMBARGO, counting_instants, examples
from predictions.horizons import DAY, HOUR, by_name
from tests.predictions.arithmetic.panels import END, market

HISTORY = market(days=110, tokens=2)
ONE_HOUR = by_name["1h"]
ROWS = examples(HISTORY, ONE_HOUR, counting_instants(HISTORY, ONE_HOUR, every=2))
BATCH = example_batch(ROWS, HISTORY)
PLAN = folds(END - 40 * DAY, END, 20 * DAY)


def taught(train):
    return learn(ROWS.pick(train), pick_rows(BATCH, train), "test").engines["ensemble"]


def mixed(parts):
    answer = taught(parts.train).forecast(pick_rows(BATCH, parts.test))
    return Said(answer.probabilities, answer.quantiles)


def baseline():
    answer = Climatology().forecast(BATCH)
    return Said(answer.probabilities, answer.quantiles)


def test_folds_follow_each_other_without_gap():
    assert folds(0, 25, 10) == [Fold(0, 10), Fold(10, 20), Fold(20, 25)]


@pytest.mark.parametrize("name", ["1h", "1d"])
def test_no_outcome_that_was_learned_reaches_into_the_test(name):
    rows = (
        ROWS
        if name == "1h"
        else examples(HISTORY, by_name[name], counting_instants(HISTORY, by_name[name], 6))
    )
    parts = split(rows, PLAN[0])
    matured = rows.as_of[parts.train] + rows.timeframe.seconds + EMBARGO
    assert matured.max() <= PLAN[0].start <= rows.as_of[parts.test].min()
    assert np.isfinite(rows.log_return[parts.train]).all()


def test_the_baseline_has_no_skill_against_itself():
    asked = ROWS.as_of >= PLAN[0].start
    found = report(ROWS, asked, baseline(), baseline())
    assert found.log_skill == 0 and found.abstained == 0
    assert found.void == int((asked & ~np.isfinite(ROWS.log_return)).sum()) > 0


def test_an_engine_learns_what_the_market_repeats():
    """Volatility here comes back by the hour of the day, which the climatology does not know."""
    seen = []
    said = walk_forward(ROWS, PLAN, mixed, done=seen.append)
    found = report(ROWS, ROWS.as_of >= PLAN[0].start, said, baseline())
    assert seen == PLAN and found.log_skill > 0.02
    assert found.log_interval is None, "forty days are too few blocks of a week for an interval"
    assert found.coverage_80 == pytest.approx(0.8, abs=0.06)


def test_a_back_test_says_what_serving_would_have_said():
    early = split(ROWS, PLAN[1])
    model = taught(early.train)
    rows = np.flatnonzero(early.test)
    for as_of in np.random.default_rng(1).choice(np.unique(ROWS.as_of[rows]), 3, replace=False):
        chosen = ROWS.as_of == as_of
        together = model.forecast(pick_rows(BATCH, chosen))
        counts = baseline_at(*history_counts(HISTORY, ONE_HOUR), ONE_HOUR, int(as_of))
        alone = model.forecast(Snapshot.at(HISTORY, int(as_of)).batch(ONE_HOUR, counts))
        assert np.allclose(together.probabilities, alone.probabilities, rtol=0, atol=1e-9)
        assert np.allclose(together.quantiles, alone.quantiles, rtol=0, atol=1e-9)


def test_quarter_hours_are_learned_from_quarter_hours():
    quarter = by_name["15m"]
    instants = counting_instants(HISTORY, quarter)
    rows = examples(HISTORY, quarter, instants)
    assert set(np.diff(np.unique(rows.as_of))) == {900}
    q = HISTORY.quarters
    row = int(np.flatnonzero(q.times == rows.as_of[0])[0])
    assert rows.log_return[0] == pytest.approx(np.log(q.close[row + 1, 0] / q.close[row, 0]))


def test_rows_without_outcome_are_void_not_wrong():
    rows = examples(HISTORY, ONE_HOUR, np.array([END - HOUR, END]))
    assert np.isfinite(rows.log_return).tolist() == [True, True, False, False]
