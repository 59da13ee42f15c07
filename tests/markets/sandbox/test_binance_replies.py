"""The sandbox answers as Binance's market data does."""

import pytest

from tests.markets.sandbox.conftest import NOON
from tests.markets.sandbox.recordings import recorded

NOW = int(NOON.timestamp())
HOUR = 3600


def test_ping_and_time(exchange):
    assert exchange("/ping").json() == {}
    assert exchange("/time").json() == {"serverTime": NOW * 1000}


def test_rows_have_the_recorded_columns_and_types(exchange):
    row = exchange("/klines", symbol="SOLUSDT", interval="1m").json()[0]
    real = recorded("binance/spot_klines_BTCUSDT_1m_2021-10.json")[0]
    assert [type(cell) for cell in row] == [type(cell) for cell in real]


def test_rows_are_by_opening_time_and_the_last_is_unfinished(exchange):
    rows = exchange("/klines", symbol="SOLUSDT", interval="15m", limit=96).json()
    assert len(rows) == 96
    assert [row[0] for row in rows] == list(range(rows[0][0], rows[0][0] + 96 * 900_000, 900_000))
    assert rows[-1][0] <= NOW * 1000 <= rows[-1][6]
    assert rows[-2][6] < NOW * 1000


def test_high_and_low_enclose_after_rounding(exchange):
    for row in exchange("/klines", symbol="BONKUSDT", interval="15m", limit=1000).json():
        opened, high, low, closed = map(float, row[1:5])
        assert low <= min(opened, closed) <= max(opened, closed) <= high


def test_a_start_gives_the_first_rows_from_there(exchange):
    start = (NOW // HOUR - 100) * HOUR
    rows = exchange("/klines", symbol="SOLUSDT", interval="1h", startTime=start * 1000, limit=10).json()
    assert [row[0] // 1000 for row in rows] == [start + n * HOUR for n in range(10)]
    later = exchange("/klines", symbol="SOLUSDT", interval="1h", startTime=start * 1000 + 1, limit=1).json()
    assert later[0][0] // 1000 == start + HOUR


def test_an_end_gives_the_last_rows_up_to_there(exchange):
    end = (NOW // HOUR - 100) * HOUR
    rows = exchange("/klines", symbol="SOLUSDT", interval="1h", endTime=end * 1000, limit=5).json()
    assert [row[0] // 1000 for row in rows] == [end - n * HOUR for n in (4, 3, 2, 1, 0)]


def test_start_and_end_bound_the_rows(exchange):
    start = (NOW // HOUR - 100) * HOUR
    span = {"startTime": start * 1000, "endTime": (start + 3 * HOUR) * 1000}
    rows = exchange("/klines", symbol="SOLUSDT", interval="1h", **span).json()
    assert [row[0] // 1000 for row in rows] == [start + n * HOUR for n in range(4)]


def test_history_begins_where_the_market_does_however_early_the_start(exchange):
    rows = exchange("/klines", symbol="SOLUSDT", interval="1h", startTime=0, limit=3).json()
    assert len(rows) == 3
    assert NOW - 805 * 86_400 < rows[0][0] // 1000 < NOW - 800 * 86_400


def test_never_more_than_a_thousand_rows(exchange):
    assert len(exchange("/klines", symbol="SOLUSDT", interval="15m", limit=5000).json()) == 1000
    assert len(exchange("/klines", symbol="SOLUSDT", interval="15m").json()) == 500


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"symbol": "NOUSDT", "interval": "1h"}, -1121),
        ({"symbol": "SOLUSDT", "interval": "1H"}, -1120),
        ({"symbol": "SOLUSDT"}, -1102),
        ({"interval": "1h"}, -1102),
        ({"symbol": "SOLUSDT", "interval": "1h", "startTime": "soon"}, -1100),
        ({"symbol": "SOLUSDT", "interval": "1h", "limit": "-3"}, -1100),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_code(exchange, params, code):
    reply = exchange("/klines", **params)
    assert reply.status_code == 400
    assert reply.json()["code"] == code


def test_the_exchange_lists_pairs_with_their_status(exchange):
    info = exchange("/exchangeInfo").json()
    assert {row["symbol"] for row in info["symbols"]} >= {"SOLUSDT", "BTCUSDT", "BONKUSDT"}
    assert {row["status"] for row in info["symbols"]} == {"TRADING"}
    assert "ORCAUSDT" not in {row["symbol"] for row in info["symbols"]}
    assert info["rateLimits"][0]["limit"] == 6000


def test_some_pairs_can_be_asked_for_and_an_unknown_one_spoils_it(exchange):
    info = exchange("/exchangeInfo", symbols='["SOLUSDT","BTCUSDT"]').json()
    assert [row["symbol"] for row in info["symbols"]] == ["SOLUSDT", "BTCUSDT"]
    assert exchange("/exchangeInfo", symbols='["SOLUSDT","NOUSDT"]').json()["code"] == -1121
    assert exchange("/exchangeInfo", symbols="SOLUSDT").json()["code"] == -1100


def test_a_ticker_is_text_and_agrees_with_the_candles(exchange):
    ticker = exchange("/ticker/24hr", symbol="SOLUSDT").json()
    assert isinstance(ticker["lastPrice"], str)
    rows = exchange("/klines", symbol="SOLUSDT", interval="15m", limit=97).json()
    assert float(ticker["highPrice"]) == pytest.approx(max(float(row[2]) for row in rows), rel=0.01)
    assert ticker["closeTime"] - ticker["openTime"] == 86_400_000
    listed = exchange("/ticker/24hr", symbols='["SOLUSDT"]', type="MINI").json()
    assert listed[0]["lastPrice"] == ticker["lastPrice"]
    assert "priceChange" not in listed[0]


def test_used_weight_is_told(exchange):
    first = int(exchange("/ping").headers["X-MBX-USED-WEIGHT-1M"])
    second = int(exchange("/klines", symbol="SOLUSDT", interval="1h").headers["X-MBX-USED-WEIGHT-1M"])
    assert second in (first + 2, 2)
