"""The range of a portfolio's value, checked against what is known exactly."""

import numpy as np
import pytest
from scipy import integrate, stats

from portfolios.accounting.outlook import Outlook, Spread

SOL = Spread(quantity=10, p10=90, p50=100, p90=115)
BONK = Spread(quantity=1000, p10=0.5, p50=1.0, p90=1.6)
TOLERANCE = 0.01


def normal(deviation: float) -> Spread:
    """One piece whose logarithm is normal around one dollar."""
    low, high = np.exp(np.array([-1, 1]) * deviation * stats.norm.ppf(0.9))
    return Spread(1, float(low), 1.0, float(high))


def test_one_token_keeps_its_published_quantiles() -> None:
    found = Outlook(np.eye(1)).value([SOL], [0])
    assert (found.p10, found.p50, found.p90) == pytest.approx((900, 1000, 1150), rel=TOLERANCE)


def test_two_that_move_as_one_add_up_quantile_by_quantile() -> None:
    found = Outlook(np.ones((2, 2))).value([SOL, BONK], [0, 1])
    assert (found.p10, found.p50, found.p90) == pytest.approx((1400, 2000, 2750), rel=TOLERANCE)


def test_independent_tokens_give_what_integration_gives() -> None:
    """The sum of two independent lognormals, its distribution integrated numerically."""
    deviation = 0.3
    found = Outlook(np.eye(2)).value([normal(deviation), normal(deviation)], [0, 1])
    one = stats.lognorm(s=deviation)

    def below(value: float) -> float:
        return float(integrate.quad(lambda x: one.pdf(x) * one.cdf(value - x), 0, value, limit=200)[0])

    assert [below(value) for value in (found.p10, found.p50, found.p90)] == pytest.approx(
        [0.1, 0.5, 0.9], abs=0.012
    )


def test_what_moves_apart_is_spread_less_wide() -> None:
    widths = []
    for correlation in (-0.5, 0.0, 0.5, 1.0):
        found = Outlook(np.array([[1, correlation], [correlation, 1]])).value([SOL, BONK], [0, 1])
        widths.append(found.p90 - found.p10)
    assert widths == sorted(widths)


def test_synthetic_markets_fall_below_the_tenth_percentile_a_tenth_of_the_time() -> None:
    """Prices drawn apart from our own numbers, with a known correlation of 0.7."""
    correlation = np.array([[1, 0.7, 0.7], [0.7, 1, 0.7], [0.7, 0.7, 1]])
    spreads = [normal(deviation) for deviation in (0.1, 0.3, 0.6)]
    found = Outlook(correlation).value(spreads, [0, 1, 2])
    drawn = np.random.default_rng(11).multivariate_normal(np.zeros(3), correlation, size=100_000)
    values = np.exp(drawn * np.array([0.1, 0.3, 0.6])).sum(axis=1)
    shares = [float((values < limit).mean()) for limit in (found.p10, found.p50, found.p90)]
    assert shares == pytest.approx([0.1, 0.5, 0.9], abs=0.012)


def test_the_same_question_has_the_same_answer() -> None:
    correlation = np.array([[1, 0.4], [0.4, 1]])
    assert Outlook(correlation).value([SOL, BONK], [0, 1]) == Outlook(correlation).value([SOL, BONK], [0, 1])


def test_an_unknown_correlation_is_refused() -> None:
    with pytest.raises(ValueError, match="known"):
        Outlook(np.array([[1, np.nan], [np.nan, 1]]))
