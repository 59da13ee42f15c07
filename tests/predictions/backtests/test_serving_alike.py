"""A back-test says what serving would have said, to the last bit: same candles, same engines, ranges included."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.conf import settings as django_settings

from markets.models import Candle, Token
from predictions.engines import artifacts, learning
from predictions.engines.batches import example_batch
from predictions.horizons import by_name
from predictions.models import EngineVersion, Forecast
from predictions.services import walking
from predictions.services.backtesting import markets, parts, plan, ranges
from predictions.services.backtesting.judging import judged
from predictions.services.candle_folders import CandleFolders
from predictions.services.forecasting import make_forecasts
from predictions.services.scoring import score_matured
from predictions.services.tallying import keep_tallies
from predictions.services.walking import examples_of
from tests.make.candle_files import Bars, simulated, write
from tests.make.markets import a_token

DAYS, QUARTER_DAYS = 150, 35
SYMBOLS = {"BTC": "bitcoin", "ETH": "ethereum", "SOL": "solana"}
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Hours of 150 days and the quarters of the last 35, which agree at each full hour."""
    roof = tmp_path_factory.mktemp("candles")
    for number, symbol in enumerate(SYMBOLS):
        hours = simulated(DAYS, seed=number)
        write(roof, symbol, hours)
        write(roof, symbol, _split(hours, number, QUARTER_DAYS))
    return roof


def _split(hours, seed, days):
    """Four quarters of each of the last hours; the last of them closes as the hour does."""
    hours = replace(hours, opened=hours.opened[-days * 24 :], rows=hours.rows[-days * 24 :])
    rng = np.random.default_rng(seed + 90)
    opened = (hours.opened[:, None] + np.arange(4) * 900).ravel()
    first, close = hours.rows[:, 0], hours.rows[:, 3]
    share = np.array([0.25, 0.5, 0.75, 1.0])
    path = np.round(first[:, None] + (close - first)[:, None] * share, 6)
    path[:, :3] = np.round(path[:, :3] * (1 + rng.normal(0, 0.001, (len(first), 3))), 6)
    opens = np.c_[first, path[:, :3]]
    high, low = np.round(np.maximum(opens, path) * 1.0005, 6), np.round(np.minimum(opens, path) * 0.9995, 6)
    volume = np.repeat(hours.rows[:, 4:] / 4, 4, axis=1)
    rows = np.stack([opens, high, low, path, volume], axis=2).reshape(-1, 5)
    return Bars(900, opened, rows)


@pytest.fixture(scope="module")
def folders(folder):
    return CandleFolders([folder])


@pytest.fixture(scope="module")
def pools(folders):
    history = folders.history(list(SYMBOLS), "BTC", "ETH")
    found = {}
    for name in ("15m", "1h", "4h"):
        rows = examples_of(history, by_name[name], 4000)
        rows = rows.pick(rows.matured(int(history.hours[-1]) - 2 * 86_400))
        found[name] = learning.learn(rows, example_batch(rows, history), "test")
    return found


@pytest.fixture
def stored(folders):
    """The same candles in the database, as serving reads them."""
    tokens = {symbol: a_token(symbol, coingecko_id=name) for symbol, name in SYMBOLS.items()}
    for symbol, token in tokens.items():
        for interval in (3600, 900):
            run = folders.series(symbol, interval)
            columns = (run.open_times, run.open, run.high, run.low, run.close, run.volume)
            Candle.objects.bulk_create(
                (
                    Candle(
                        token=token,
                        interval=interval,
                        open_time=datetime.fromtimestamp(at, UTC),
                        open=o,
                        high=h,
                        low=low,
                        close=c,
                        volume=v,
                        source=django_settings.MARKET.stamp("binance"),
                    )
                    for at, o, h, low, c, v in zip(*(column.tolist() for column in columns), strict=True)
                ),
                batch_size=2000,
            )
        Token.objects.filter(pk=token.pk).update(candle_source="binance")
    return tokens


@pytest.mark.parametrize(("name", "moments"), [("15m", 30), ("1h", 14), ("4h", 14)])
def test_a_back_test_is_what_serving_says(folders, pools, stored, settings, monkeypatch, name, moments):
    monkeypatch.setattr(walking, "LEAST_DAYS", 20)
    pool, timeframe = pools[name], by_name[name]
    digest = artifacts.save(settings.ARTIFACTS / f"{name}/pool.npz", pool)
    end = int(folders.series("SOL", 3600).open_times[-1]) + 3600
    start = end - 2 * 86_400 + 19 * 3600
    began = datetime.fromtimestamp(start, UTC)
    for engine in ("ensemble", "rules", "persistence"):
        EngineVersion.objects.create(
            engine=engine,
            version="test",
            timeframe=name,
            role="champion" if engine == "ensemble" else "challenger",
            definitions=1,
            artifact=f"{name}/pool.npz",
            artifact_digest=digest,
            trained_at=began - timedelta(days=1),
        )
    instants = [began + timedelta(seconds=timeframe.counts_every * place) for place in range(moments)]
    for as_of in instants:
        keep_tallies(as_of)
        make_forecasts(as_of, as_of + timedelta(seconds=20), [name])
        score_matured(as_of + timedelta(seconds=90))
    live = Forecast.objects.filter(timeframe=name, engine_version__version="test")
    for engine in ("ensemble", "rules", "persistence"):
        rows = live.filter(engine_version__engine=engine).order_by("as_of", "token_id")
        told = _back_test(folders, pool, name, engine, start, int(instants[-1].timestamp()) + 1)
        assert len(rows) == len(told) == moments * len(SYMBOLS)
        for row, other in zip(rows, told, strict=True):
            said = {field: getattr(row, field) for field in other if field != "symbol"}
            assert said == {field: value for field, value in other.items() if field != "symbol"}
            assert stored[other["symbol"]].pk == row.token_id
    factors = {row.range_log_factor for row in live.filter(engine_version__engine="ensemble")}
    assert len(factors) > 5 and max(map(abs, factors)) > 0.001, "outcomes have moved the ranges"
    assert max(abs(factor) for factor in factors) < 0.5 and all(map(math.isfinite, factors))


def _back_test(folders, pool, name, engine, start, end):
    coins = tuple(SYMBOLS)
    asked = plan.Plan((name,), coins, coins, coins, "BTC", "ETH", start, end, "once", 6000)
    market = markets.Market.of(markets.read_market(folders, asked), asked)
    said = parts.say(market, asked, asked.parts()[0], lambda rows, batch: pool.engines)
    voice = ranges.voice([said], engine, by_name[name], len(SYMBOLS))
    one = judged(by_name[name], [said], voice)
    usual = said.reference[:, None] * np.exp(said.baseline_quantiles)
    return [
        {
            "symbol": market.names()[said.token[row]],
            "as_of": datetime.fromtimestamp(int(said.as_of[row]), UTC),
            "up": one.said[row, 0],
            "down": one.said[row, 1],
            "sideways": one.said[row, 2],
            "baseline_up": one.baseline[row, 0],
            "baseline_down": one.baseline[row, 1],
            "baseline_sideways": one.baseline[row, 2],
            "p10": voice.prices[row, 0],
            "p50": voice.prices[row, 1],
            "p90": voice.prices[row, 2],
            "baseline_p10": usual[row, 0],
            "baseline_p90": usual[row, 2],
            "range_log_factor": voice.log_factor[row],
            "sideways_band": said.band[row],
            "scale": said.scale[row],
            "reference_price": said.reference[row],
            "regime": said.regime[row],
        }
        for row in range(len(said))
    ]
