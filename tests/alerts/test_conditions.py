"""Conditions by example: what they take, what they see, and how they say it."""

import numpy as np
import pytest

from alerts.conditions.indicator import rsi, spread
from alerts.conditions.kinds import KINDS, condition_for
from alerts.conditions.reading import Reading
from alerts.conditions.volume import spikes
from alerts.conditions.words import number, percent, span
from core.lib.errors import BadInput
from tests.make.markets import NOON

PARAMS = {
    "price_above": {"price": 100.0},
    "price_below": {"price": 100.0},
    "price_crossing": {"price": 100.0, "direction": "up"},
    "price_change": {"percent": 5.0, "window": "4h", "direction": "down"},
    "volume_spike": {"factor": 3.0, "interval": "1h", "periods": 24},
    "forecast_probability": {"timeframe": "1h", "class": "up", "probability": 0.45, "direction": "above"},
    "forecast_confidence": {"timeframe": "4h", "confidence": 0.5, "direction": "below"},
    "forecast_flip": {"timeframe": "1d"},
    "forecast_new": {"timeframe": "15m"},
    "rsi": {"level": 70.0, "direction": "above", "interval": "1h", "period": 14},
    "moving_average": {"fast": 20, "slow": 50, "interval": "1d", "direction": "up"},
    "source_stale": {"minutes": 15.0},
    "portfolio_above": {"value": 1000.0},
    "portfolio_below": {"value": 1000.0},
    "portfolio_crossing": {"value": 1000.0, "direction": "down"},
    "portfolio_drawdown": {"percent": 10.0, "window": "30d"},
}
CLAUSES = {
    "price_above": "the price of SOL is 100 USD or more",
    "price_below": "the price of SOL is below 100 USD",
    "price_crossing": "the price of SOL crosses 100 USD upwards",
    "price_change": "SOL has fallen by 5 % or more within 4 hours",
    "volume_spike": "the volume of SOL in an hourly candle is 3 times the average of the 24 before it, or more",
    "forecast_probability": "the 1h forecast for SOL gives “up” 45 % or more",
    "forecast_confidence": "the confidence of the 4h forecast for SOL is less than 50 %",
    "forecast_flip": "the 1d forecast for SOL favours another class than the one before",
    "forecast_new": "there is a new 15m forecast for SOL",
    "rsi": "the RSI (14) of SOL’s hourly candles is 70 or more",
    "moving_average": "the average of 20 daily closes of SOL rises above the average of 50 daily closes",
    "source_stale": "no new price of SOL has come for 15 minutes",
    "portfolio_above": "the portfolio SOL is worth 1,000 USD or more",
    "portfolio_below": "the portfolio SOL is worth less than 1,000 USD",
    "portfolio_crossing": "the worth of the portfolio SOL crosses 1,000 USD downwards",
    "portfolio_drawdown": "the portfolio SOL is worth 10 % or more below its highest of the last 30 days",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_waits_for(kind: str):
    assert condition_for(kind, PARAMS[kind]).clause("SOL") == CLAUSES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_condition_is_made_again_from_its_parameters(kind: str):
    condition = condition_for(kind, PARAMS[kind])
    assert condition.params == PARAMS[kind]
    assert condition_for(kind, condition.params) == condition


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_tells_what_happened_in_one_sentence(kind: str):
    reading = Reading(NOON, 1.0, {"up": 0.4, "down": 0.3, "sideways": 0.3, "price": 95.0})
    told = condition_for(kind, PARAMS[kind]).told("SOL", reading)
    assert "SOL" in told and told.endswith(".") and len(told) < 200 and told[0].isupper()


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_parameter_is_refused(kind: str):
    with pytest.raises(BadInput) as refusal:
        condition_for(kind, {**PARAMS[kind], "colour": "red"})
    assert [detail.field for detail in refusal.value.details] == ["params"]


@pytest.mark.parametrize(
    ("kind", "params", "field"),
    [
        ("price_above", {}, "price"),
        ("price_above", {"price": 0}, "price"),
        ("price_above", {"price": float("nan")}, "price"),
        ("price_above", {"price": True}, "price"),
        ("price_above", {"price": "100"}, "price"),
        ("price_above", {"price": 10**400}, "price"),
        ("price_change", {"percent": 100.0, "direction": "down"}, "percent"),
        ("price_change", {"percent": 5.0, "window": "2h"}, "window"),
        ("forecast_probability", {"class": "UP", "probability": 0.5}, "class"),
        ("forecast_probability", {"class": ["up"], "probability": 0.5}, "class"),
        ("moving_average", {"fast": 50, "slow": 20}, "slow"),
        ("rsi", {"level": 70.0, "period": 14.0}, "period"),
    ],
)
def test_a_parameter_at_fault_is_named(kind: str, params: dict, field: str):
    with pytest.raises(BadInput) as refusal:
        condition_for(kind, params)
    assert [detail.field for detail in refusal.value.details] == [f"params.{field}"]


@pytest.mark.parametrize(
    ("kind", "hysteresis"), [("price_above", 51.0), ("forecast_new", 1.0), ("rsi", -1.0)]
)
def test_a_hysteresis_that_makes_no_sense_is_refused(kind: str, hysteresis: float):
    with pytest.raises(BadInput) as refusal:
        condition_for(kind, PARAMS[kind], hysteresis)
    assert [detail.field for detail in refusal.value.details] == ["hysteresis"]


def test_rsi_by_hand():
    """Moves +1, −1, +2: gains 3, losses 1, so 75; a missing close leaves it unknown until it has left the window."""
    found = rsi(np.array([10.0, 11.0, 10.0, 12.0]), 3)
    assert np.isnan(found[:3]).all() and found[3] == pytest.approx(75.0)
    assert np.isnan(rsi(np.array([10.0, np.nan, 10.0, 12.0]), 3)).all()
    assert np.isnan(rsi(np.full(5, 10.0), 3)).all()


def test_averages_by_hand():
    """Means of the last two and of the last four of 1, 2, 3, 6: 4.5 over 3 is 50 % above."""
    assert spread(np.array([1.0, 2.0, 3.0, 6.0]), 2, 4)[3] == pytest.approx(50.0)


def test_a_volume_spike_by_hand():
    found = spikes(np.array([1.0, 2.0, 3.0, 2.0, 8.0]), 4)
    assert found[4] == pytest.approx(4.0)
    assert np.isnan(found[:3]).all()


def test_indicators_do_not_hang_on_what_came_long_before():
    closes = np.random.default_rng(7).lognormal(4, 0.1, 300)
    for whole, late in (
        (rsi(closes, 14), rsi(closes[-15:], 14)),
        (spread(closes, 5, 20), spread(closes[-20:], 5, 20)),
    ):
        assert whole[-1] == late[-1]


def test_a_flip_is_another_class_than_before():
    flip = condition_for("forecast_flip", {"timeframe": "1h"})
    assert [flip.judge(float(now), before).speaks for before, now in [("", 0), ("0", 0), ("0", 2)]] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [(1234.567, "1,234.57"), (0.0000123456, "0.0000123456"), (100.0, "100"), (-2.5, "−2.5"), (0.0, "0")],
)
def test_numbers_are_written_plainly(value: float, words: str):
    assert number(value) == words


def test_spans_and_percentages_are_written_plainly():
    assert (span(5400), span(1), span(90_000)) == ("1 hour 30 minutes", "1 second", "1 day 1 hour")
    assert percent(12.3456) == "12.35 %"
