"""Candles that cannot be believed: a server, which has the past alone, and a back-test, which has all, agree."""

import numpy as np
import pytest

from predictions.engines.base import NO_PRICE, NO_SCALE, gaps
from predictions.engines.batches import Snapshot
from predictions.engines.climatology import history_counts
from predictions.features.examples import examples
from predictions.horizons import by_name
from tests.predictions.arithmetic.oddities import back_tested, odd_market, served

SEEDS = range(3)
QUARTER, HOUR, DAY = 900, 3600, 86_400
NOTHING = np.full((5, 3), 1 / 3)


def moments_of(seed, odd, end):
    """Some at random, and all around what is odd: the first of a jump, its end, a day and two days later."""
    numbers = np.random.default_rng(seed)
    near = [t + step for t in odd for step in (-QUARTER, 0, QUARTER, HOUR, DAY, 2 * DAY, 2 * DAY + HOUR)]
    at_random = end - numbers.integers(0, 13 * 96, 30) * QUARTER
    picked = sorted({int(t) for t in [*near, *at_random] if end - 14 * DAY < t <= end})
    return [picked[k] for k in sorted(numbers.choice(len(picked), min(12, len(picked)), replace=False))]


def said(history, as_of, name):
    """By token: features, scale, band, reference price and range of those that can be forecast."""
    snapshot = Snapshot.at(history, as_of)
    baseline = np.full((len(history.tokens), 3), 1 / 3)
    batch = snapshot.batch(by_name[name], baseline)
    figures = np.column_stack(
        [batch.X, batch.scale, batch.band, batch.reference_price, batch.baseline_quantiles]
    )
    fit = [reason not in (NO_SCALE, NO_PRICE) for reason in gaps(batch)]
    return {token: figures[row] for row, token in enumerate(history.tokens) if fit[row]}


@pytest.mark.parametrize("seed", SEEDS)
def test_serving_and_back_test_speak_at_the_same_moments_and_see_the_same(seed):
    raw, odd = odd_market(seed)
    whole = back_tested(raw)
    for as_of in moments_of(seed, odd, int(raw.hours.times[-1])):
        for name in ("15m", "1h"):
            serves = said(served(raw.panel(as_of)), as_of, name)
            tests = {token[0]: row for token, row in said(whole, as_of, name).items()}
            assert serves.keys() == tests.keys()
            for token, row in serves.items():
                assert row.tobytes() == tests[token].tobytes(), (as_of, name, token)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_back_test_of_the_past_alone_says_the_same(seed):
    raw, odd = odd_market(seed)
    whole = back_tested(raw)
    for as_of in moments_of(seed, odd, int(raw.hours.times[-1]))[::5]:
        cut = back_tested(raw.until(as_of))
        now, later = said(cut, as_of, "1h"), said(whole, as_of, "1h")
        assert now.keys() == later.keys()
        assert all(now[token].tobytes() == later[token].tobytes() for token in now)
        for name in ("15m", "1h", "1d"):
            assert counted(cut, name, as_of) == counted(whole, name, as_of)


def counted(history, name, as_of):
    """What the baseline at `as_of` had counted, by token and era that had any outcome."""
    days, counts = history_counts(history, by_name[name])
    before = counts[days < as_of // DAY].sum(axis=0)
    return {token: tuple(before[row]) for row, token in enumerate(history.tokens) if before[row].any()}


@pytest.mark.parametrize("seed", SEEDS)
def test_outcomes_known_at_maturity_do_not_change_with_later_candles(seed):
    raw, odd = odd_market(seed)
    whole, timeframe = back_tested(raw), by_name["4h"]
    for matures in (t for t in moments_of(seed, odd, int(raw.hours.times[-1])) if t % HOUR == 0):
        instants = np.array([matures - timeframe.seconds])
        came = [examples(back_tested(part), timeframe, instants) for part in (raw.until(matures), raw)]
        by_token = [
            dict(zip([rows.tokens[c] for c in rows.token], rows.log_return, strict=True)) for rows in came
        ]
        assert by_token[0].keys() == by_token[1].keys()
        for token in by_token[0]:
            np.testing.assert_array_equal(by_token[0][token], by_token[1][token])
    assert whole.hours[-1] == raw.hours.times[-1]
