"""Whatever looks ahead is found by cutting and poisoning the files."""

from dataclasses import replace

import numpy as np
import pytest
from django.core.management import CommandError

from predictions.engines.base import answer
from predictions.services.backtesting import days, parts
from tests.make.backtests import Bold, backtest


def test_looking_ahead_is_found_by_cutting_and_poisoning(market, taught, monkeypatch):
    span = {"check_lookahead": 2, "timeframes": ("1h", "1d"), "retrain": "once"}
    assert "No look-ahead" in backtest(market, out=None, **span)
    honest = days.training_matrix

    def peeking(history, instants):
        names, X = honest(history, instants)
        coming = np.roll(history.close, -1, axis=0)
        row = np.searchsorted(history.hours, instants)
        X[:, :, 0] = coming[row] / history.close[row]
        return names, X

    monkeypatch.setattr(days, "training_matrix", peeking)
    monkeypatch.setattr(days, "window", lambda history, as_of: history)
    with pytest.raises(CommandError, match=r"Look-ahead: 1h, forecasts at .*: features"):
        backtest(market, out=None, **span)


class Peeking(Bold):
    """Leans to where the price is going, which somebody has put into the first feature."""

    def forecast(self, batch):
        said = super().forecast(batch)
        knows = np.nan_to_num(np.sign(batch.X[:, :1]))
        return answer(said.probabilities + knows * [[0.2, -0.1, -0.1]], said.quantiles, said.reasons)


def test_an_engine_that_is_told_the_outcome_is_found(market, monkeypatch):
    honest = parts.asked

    def leaking(*arguments):
        for one in honest(*arguments):
            X = one.batch.X.copy()
            X[:, 0] = np.log(one.price / one.batch.reference_price)
            yield replace(one, batch=replace(one.batch, X=X))

    monkeypatch.setattr(parts, "learned", lambda rows, batch: {"ensemble": Peeking()})
    span = {"check_lookahead": 1, "retrain": "once"}
    assert "No look-ahead" in backtest(market, out=None, **span)
    monkeypatch.setattr(parts, "asked", leaking)
    with pytest.raises(CommandError, match="probabilities of ensemble differs"):
        backtest(market, out=None, **span)


def test_a_back_test_that_is_checked_too_leaves_its_forecasts(market, tmp_path, taught):
    said = backtest(market, out=tmp_path / "out.csv", check_lookahead=1, retrain="once")
    assert "No look-ahead" in said and (tmp_path / "out.csv").exists()


def test_without_a_file_and_without_a_check_there_is_nothing_to_do(market):
    with pytest.raises(CommandError, match=r"--out OUT\.csv"):
        backtest(market, out=None)
