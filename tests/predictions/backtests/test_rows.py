"""`manage.py backtest`: every forecast of a walk through folders of candles has its row, and every silence."""

import math

import numpy as np
import pytest

from predictions.services.backtesting import parts
from tests.make.backtests import Bold, backtest
from tests.make.candle_files import START, Bars, a_folder, rows_of, simulated, write

HEAD = "token,timeframe,made_at,p_up,p_down,p_sideways,q10,q50,q90,ref_price,band"
DAY = 86_400


def test_each_counting_instant_has_its_row(market, tmp_path, taught):
    said = backtest(market, out=tmp_path / "out.csv", retrain="once")
    text = (tmp_path / "out.csv").read_text()
    rows = rows_of(tmp_path / "out.csv")
    assert text.startswith(HEAD + ",")
    assert [row["made_at"] for row in rows[:2]] == ["2024-06-20T00:00:00Z", "2024-06-20T01:00:00Z"]
    assert (len(rows), rows[-1]["made_at"]) == (6 * 24, "2024-06-25T23:00:00Z")
    assert "144 forecasts" in said and "0 abstentions" in said
    for row in rows:
        shares = [float(row[name]) for name in ("p_up", "p_down", "p_sideways")]
        assert round(sum(shares) * 10_000) == 10_000 and min(shares) >= 0.01
        assert 0 < float(row["q10"]) < float(row["q50"]) < float(row["q90"])
        assert (row["token"], row["timeframe"], row["engine"]) == ("SOL", "1h", "ensemble")


def test_prices_bands_and_outcomes_are_the_candles(market, tmp_path, taught):
    backtest(market, out=tmp_path / "out.csv", retrain="once", end="2024-06-20")
    closes = {int(at) + 3600: close for at, close in zip(*_series(simulated(200, seed=2)), strict=True)}
    for row in rows_of(tmp_path / "out.csv"):
        at = int(np.datetime64(row["made_at"][:-1], "s").astype(np.int64))
        moved = math.log(closes[at + 3600] / closes[at])
        band = float(row["band"])
        came = "up" if moved > band else "down" if moved < -band else "sideways"
        assert float(row["ref_price"]) == closes[at]
        assert float(row["log_return"]) == pytest.approx(moved)
        assert row["outcome"] == came
        assert float(row["log_score"]) == pytest.approx(-math.log(float(row[f"p_{came}"])))
        assert band == pytest.approx(0.32 * 1.2533 * float(row["scale"]))
        assert row["inside_range"] == str(int(float(row["q10"]) <= closes[at + 3600] <= float(row["q90"])))


def _series(bars: Bars):
    return bars.opened.tolist(), bars.close.tolist()


def test_a_range_that_is_too_narrow_widens_with_what_has_matured(market, tmp_path, taught):
    backtest(market, out=tmp_path / "out.csv", first="2024-05-01", end="2024-07-10", retrain="monthly")
    rows = rows_of(tmp_path / "out.csv")
    factors = np.array([float(row["range_log_factor"]) for row in rows])
    assert factors[:2].tolist() == [0.0, 0.0], "the first outcome matures at the second forecast's moment"
    assert factors[2] != 0
    assert np.exp(factors[-200:].mean()) == pytest.approx(2, rel=0.25), (
        "Bold's range is half as wide as usual"
    )
    inside = np.array([row["inside_range"] == "1" for row in rows])
    assert inside[600:].mean() == pytest.approx(0.8, abs=0.04)


def test_training_sees_only_what_had_matured_a_day_before(market, tmp_path, taught):
    backtest(market, out=tmp_path / "out.csv", first="2024-05-20", end="2024-07-10", retrain="monthly")
    starts = [np.datetime64(day, "s").astype(int) for day in ("2024-05-20", "2024-06-01", "2024-07-01")]
    assert len(taught) == 3
    for rows, start in zip(taught, starts, strict=True):
        newest = rows.as_of.max() + 3600
        assert start - DAY - 2 * 3600 <= newest <= start - DAY
    assert {row["trained_until"] for row in rows_of(tmp_path / "out.csv")} == {
        "2024-05-19T00:00:00Z",
        "2024-05-31T00:00:00Z",
        "2024-06-30T00:00:00Z",
    }


def test_before_there_is_enough_to_learn_from_climatology_speaks(market, tmp_path, taught):
    said = backtest(market, out=tmp_path / "out.csv", first="2024-03-01", end="2024-06-10", retrain="90d")
    rows = rows_of(tmp_path / "out.csv")
    assert {row["engine"] for row in rows if row["made_at"] < "2024-05-30"} == {"climatology"}
    assert {row["engine"] for row in rows if row["made_at"] >= "2024-05-30"} == {"ensemble"}
    assert {row["asked_engine"] for row in rows} == {"ensemble"}
    assert "climatology speaks in 1 of 2 periods" in said


def test_silences_are_listed_and_never_missing(tmp_path, taught):
    folder = a_folder(tmp_path / "candles", ("BTC", "SOL"), days=150)
    bars = simulated(60, seed=7)
    kept = np.r_[0:1000, 1010:1440]
    write(folder, "NEW", Bars(3600, bars.opened[kept] + 90 * DAY, bars.rows[kept]))
    backtest(
        folder,
        out=tmp_path / "out.csv",
        tokens=("NEW",),
        first="2024-03-31",
        end="2024-05-30",
        retrain="once",
    )
    spoken = [row["made_at"] for row in rows_of(tmp_path / "out.csv")]
    silent = {row["made_at"]: row["code"] for row in rows_of(tmp_path / "out-abstentions.csv")}
    assert len(spoken) + len(silent) == 1440 and not set(spoken) & set(silent)
    assert silent["2024-04-15T00:00:00Z"] == "INSUFFICIENT_DATA"
    assert sorted(silent.values()).count("NO_CANDLE") == 10
    void = [row for row in rows_of(tmp_path / "out.csv") if not row["outcome"]]
    assert len(void) == 2, "one before the gap, and the last of all"
    assert {row["log_score"] for row in void} == {""}


def test_folders_are_joined_per_series(tmp_path, market, taught):
    for number, symbol in enumerate(("BTC", "ETH", "SOL")):
        bars = simulated(200, seed=number)
        for part, rows in (("early", slice(0, 2400)), ("late", slice(2400, None))):
            write(
                tmp_path / part, symbol, Bars(3600, bars.opened[rows], bars.rows[rows]), packed=part == "late"
            )
    backtest(market, out=tmp_path / "one.csv", retrain="once")
    backtest(tmp_path / "early", tmp_path / "late", out=tmp_path / "two.csv.gz", retrain="once")
    assert rows_of(tmp_path / "one.csv") == rows_of(tmp_path / "two.csv.gz")


def test_perpetuals_are_series_of_their_own_and_teach_each_coin_once(tmp_path, taught):
    folder = a_folder(tmp_path / "candles", ("BTC", "SOL"), days=150)
    write(folder, "SOLPERP", simulated(150, seed=5, interval=900))
    write(folder, "BTCPERP", simulated(150, seed=6, interval=900))
    span = {"first": "2024-05-10", "end": "2024-05-10", "retrain": "once"}
    backtest(folder, out=tmp_path / "p.csv", tokens=("SOLPERP",), timeframes=("15m", "1h"), **span)
    rows = rows_of(tmp_path / "p.csv")
    assert [sum(row["timeframe"] == name for row in rows) for name in ("15m", "1h")] == [96, 24]
    assert all(set(np.unique(lesson.token)) == {0, 1} for lesson in taught)
    assert taught[0].tokens[:2] == ("BTCPERP", "SOLPERP")
    backtest(folder, out=tmp_path / "s.csv", tokens=("SOL",), **span)
    assert taught[-1].tokens[:2] == ("BTC", "SOL")


def test_who_is_held_out_or_young_teaches_nothing(market, tmp_path, taught):
    span = {"first": "2024-06-20", "end": "2024-06-20", "retrain": "once"}
    backtest(market, out=tmp_path / "h.csv", tokens=(), hold_out=("SOL",), **span)
    assert {row["token"] for row in rows_of(tmp_path / "h.csv")} == {"SOL"}
    assert set(taught[-1].token.tolist()) == {0, 1} and taught[-1].tokens[:2] == ("BTC", "ETH")
    backtest(market, out=tmp_path / "y.csv", young=40, **span)
    assert "SOL" not in taught[-1].tokens[:2]
    old, young = (rows_of(tmp_path / name) for name in ("h.csv", "y.csv"))
    assert old[0]["ref_price"] == young[0]["ref_price"]
    assert old[0]["scale"] != young[0]["scale"], "sixty days and forty days usually move differently"


def test_closes_only_blanks_the_rest(market, tmp_path, taught):
    backtest(market, out=tmp_path / "c.csv", closes_only=True, retrain="once", end="2024-06-20")
    rows = taught[-1]
    blind = {name for name, column in zip(rows.names, rows.X.T, strict=True) if not np.isfinite(column).any()}
    assert {"rvol_1h_7d"} <= blind and not any(
        name.startswith("return_") and "h" in name for name in blind if "m" not in name
    )


def test_several_engines_stand_side_by_side(market, tmp_path, taught):
    backtest(
        market, out=tmp_path / "e.csv", engine=("ensemble", "climatology"), retrain="once", end="2024-06-20"
    )
    rows = rows_of(tmp_path / "e.csv")
    assert [row["engine"] for row in rows[:4]] == ["ensemble", "climatology"] * 2
    plain = [row for row in rows if row["engine"] == "climatology"]
    assert all(row["log_score"] == row["baseline_log_score"] for row in plain)


def test_the_report_is_one_page_with_its_plots_also_as_png(market, tmp_path, taught):
    span = {"first": "2024-04-15", "end": "2024-07-10", "retrain": "monthly", "tokens": ("SOL", "ETH")}
    said = backtest(
        market, out=tmp_path / "r.csv", report=tmp_path / "report", timeframes=("1h", "30d"), **span
    )
    page = (tmp_path / "report" / "index.html").read_text()
    for name in ("over-time", "calibration", "coverage", "tokens", "alternatives"):
        png = (tmp_path / "report" / f"1h-ensemble-{name}.png").read_bytes()
        assert png.startswith(b"\x89PNG") and len(png) > 5000
    assert page.count("<svg") == 10
    assert "1h · ensemble" in page and "uniform" in page and "too early to say" in page
    assert "http" not in page.replace("http://www.w3.org", ""), "the page asks nobody for anything"
    assert "index.html" in said and "SOL" in page


def test_below_an_hour_the_series_with_more_quarters_teaches(tmp_path, taught):
    folder = a_folder(tmp_path / "candles", ("BTC", "SOL"), days=150)
    write(folder, "SOLPERP", simulated(150, seed=5, interval=900))
    short = simulated(10, seed=6, interval=900, start=START + 140 * DAY)
    write(folder, "SOL", short)
    span = {"first": "2024-05-25", "end": "2024-05-26", "retrain": "once"}
    backtest(folder, out=tmp_path / "s.csv", tokens=("SOL",), timeframes=("15m", "1h"), **span)
    fine, coarse = taught
    assert {str(fine.tokens[token]) for token in fine.token} == {"SOLPERP"}
    assert {str(coarse.tokens[token]) for token in coarse.token} == {"BTC", "SOL"}
    assert {row["token"] for row in rows_of(tmp_path / "s.csv")} == {"SOL"}


def test_where_an_engine_fails_climatology_stands_in(market, tmp_path, monkeypatch):
    class Broken(Bold):
        def forecast(self, batch):
            raise ValueError("features are missing")

    monkeypatch.setattr(parts, "learned", lambda rows, batch: {"ensemble": Broken()})
    said = backtest(market, out=tmp_path / "out.csv", retrain="once", end="2024-06-20")
    rows = rows_of(tmp_path / "out.csv")
    assert len(rows) == 24 and {row["engine"] for row in rows} == {"climatology"}
    assert "an engine failed: ValueError: features are missing" in said


def test_what_is_odd_in_the_files_is_told_and_kept(tmp_path, taught):
    folder = a_folder(tmp_path / "candles", ("BTC", "SOL"), days=150)
    bars = simulated(150, seed=1)
    bars.rows[2000, :4] *= 100
    write(folder, "SOL", bars)
    span = {"first": "2024-05-20", "end": "2024-05-21", "retrain": "once"}
    assert "oddities" in backtest(folder, out=tmp_path / "out.csv", **span)
    assert "spike" in (tmp_path / "out-findings.txt").read_text()


def test_quarters_that_go_on_without_whole_hours_are_silences(tmp_path, taught):
    folder = a_folder(tmp_path / "candles", ("BTC",), days=100)
    bars = simulated(100, seed=5, interval=900)
    kept = np.r_[0 : len(bars.opened) - 7, len(bars.opened) - 6 : len(bars.opened) - 3, -2, -1]
    write(folder, "SOLPERP", Bars(900, bars.opened[kept], bars.rows[kept]))
    late = simulated(1, seed=6, interval=900, start=START + 100 * DAY)
    late.rows[:, :4] *= bars.close[-1] / 50
    write(
        folder,
        "BTCPERP",
        Bars(900, np.r_[bars.opened, late.opened[[5, 6]]], np.r_[bars.rows, late.rows[[5, 6]]]),
    )
    span = {"first": "2024-04-09", "end": "2024-04-10", "retrain": "once", "timeframes": ("15m",)}
    backtest(folder, out=tmp_path / "q.csv", tokens=("SOLPERP", "BTCPERP"), **span)
    silent = rows_of(tmp_path / "q-abstentions.csv")
    assert {"2024-04-10T01:30:00Z", "2024-04-10T01:45:00Z"} <= {row["made_at"] for row in silent}
