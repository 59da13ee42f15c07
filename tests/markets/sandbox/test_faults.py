"""Told to misbehave, the sandbox does, for as long as it was told to, and then no more."""

import json
import math
import socket

import pytest
import requests

from markets.sandbox.faults import BODIES, NAMES, STATUSES, Faults
from tests.markets.sandbox.conftest import NOON

NOW = NOON.timestamp()
MARKETS = {"vs_currency": "usd", "ids": "solana,bonk"}
KLINES = {"symbol": "SOLUSDT", "interval": "15m", "limit": "10"}


def prices(rows):
    return [row["current_price"] for row in rows]


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_comes_in_the_providers_shape(sandbox, gecko, exchange, status):
    sandbox.faults.add(status, count=2, retry_after=42)
    for reply, shape in (
        (gecko("/coins/markets", **MARKETS), {"status"}),
        (exchange("/klines", **KLINES), {"code", "msg"}),
    ):
        assert reply.status_code == int(status)
        assert shape <= set(reply.json())
        assert reply.headers.get("Retry-After") == ("42" if status in ("429", "418", "503") else None)
    assert gecko("/coins/markets", **MARKETS).status_code == 200


def test_a_fault_hits_its_target_alone_and_as_often_as_it_was_told(sandbox, gecko, exchange):
    sandbox.faults.add("500", "coingecko", count=2)
    assert exchange("/klines", **KLINES).status_code == 200
    assert [gecko("/ping").status_code for _ in range(4)] == [500, 500, 200, 200]


def test_a_fault_may_mean_one_path_only(sandbox, gecko):
    sandbox.faults.add("500", path="/coins/markets")
    assert gecko("/ping").status_code == 200
    assert gecko("/coins/markets", **MARKETS).status_code == 500


def test_chance_is_repeatable():
    def hits():
        faults = Faults(seed=5)
        faults.add("500", probability=0.5)
        return [faults.take("coingecko", "/ping") is not None for _ in range(40)]

    assert hits() == hits()
    assert 8 < sum(hits()) < 32


def test_cut_json_cannot_be_read_and_has_a_fitting_length(sandbox, gecko):
    sandbox.faults.add("truncated", count=1)
    reply = gecko("/coins/markets", **MARKETS)
    assert len(reply.content) == int(reply.headers["Content-Length"])
    with pytest.raises(requests.JSONDecodeError):
        reply.json()


def test_a_page_comes_with_status_200(sandbox, gecko):
    sandbox.faults.add("html", count=1)
    reply = gecko("/coins/markets", **MARKETS)
    assert reply.status_code == 200
    assert "text/html" in reply.headers["Content-Type"]
    assert reply.text.startswith("<!DOCTYPE html>")


def test_lists_and_objects_change_places(sandbox, gecko):
    sandbox.faults.add("wrong_shape", count=2)
    assert isinstance(gecko("/coins/markets", **MARKETS).json(), dict)
    assert isinstance(gecko("/simple/price", ids="solana", vs_currencies="usd").json(), list)


def test_empty_is_empty(sandbox, gecko):
    sandbox.faults.add("empty", count=2)
    assert gecko("/coins/markets", **MARKETS).json() == []
    assert gecko("/simple/price", ids="solana", vs_currencies="usd").json() == {}


@pytest.mark.parametrize(
    ("fault", "holds"),
    [
        ("nulls", lambda bad, good: bad is None),
        ("nan", lambda bad, good: math.isnan(float(bad))),
        ("negative_price", lambda bad, good: float(bad) < 0),
        ("zero_price", lambda bad, good: float(bad) == 0),
        ("absurd_price", lambda bad, good: float(bad) == pytest.approx(1000 * float(good))),
    ],
)
def test_prices_are_spoilt_in_quotes_and_candles(sandbox, gecko, exchange, fault, holds):
    good, candles = gecko("/coins/markets", **MARKETS).json(), exchange("/klines", **KLINES).json()
    sandbox.faults.add(fault, count=2)
    for bad, well in zip(prices(gecko("/coins/markets", **MARKETS).json()), prices(good), strict=True):
        assert holds(bad, well)
    rows = exchange("/klines", **KLINES).json()
    assert all(holds(rows[0][column], candles[0][column]) for column in (1, 2, 3, 4))
    assert rows[0][5:] == candles[0][5:]


def test_times_lie_ahead(sandbox, gecko, exchange):
    sandbox.faults.add("future_time", count=3)
    assert all(row["last_updated"] > "2025-11-22" for row in gecko("/coins/markets", **MARKETS).json())
    assert all(row[0] / 1000 > NOW for row in exchange("/klines", **KLINES).json())
    simple = gecko("/simple/price", ids="bonk", vs_currencies="usd", include_last_updated_at="true").json()
    assert simple["bonk"]["last_updated_at"] > NOW


def test_times_go_back(sandbox, gecko, exchange):
    sandbox.faults.add("past_time", count=2)
    assert all(row["last_updated"] < "2025-11-21" for row in gecko("/coins/markets", **MARKETS).json())
    times = [row[0] for row in exchange("/klines", **KLINES).json()]
    assert times == sorted(times, reverse=True)


def test_keys_and_rows_come_twice(sandbox, gecko, exchange):
    sandbox.faults.add("duplicate_keys", count=2)
    text = gecko("/coins/markets", **MARKETS).text
    pairs = json.loads(text, object_pairs_hook=list)
    assert [key for key, _ in pairs[0]].count("current_price") == 2
    times = [row[0] for row in exchange("/klines", **KLINES).json()]
    assert len(times) == 2 * len(set(times))


def test_an_oversized_reply_does_not_end_soon(sandbox, http):
    sandbox.faults.add("oversized", count=1)
    with http.get(f"{sandbox.coingecko_url}/ping", stream=True, timeout=60) as reply:
        assert int(reply.headers["Content-Length"]) > 64 * 1024 * 1024
        assert len(next(reply.iter_content(1 << 20))) > 0


def test_a_held_reply_does_not_come(sandbox, http):
    sandbox.faults.add("timeout", count=1)
    with pytest.raises(requests.ReadTimeout):
        http.get(f"{sandbox.coingecko_url}/ping", timeout=0.1)


def test_a_dripping_reply_takes_longer_than_anybody_waits(sandbox, http):
    sandbox.faults.add("slow_drip", count=1)
    with http.get(f"{sandbox.coingecko_url}/ping", stream=True, timeout=60) as reply:
        assert reply.raw.read(1) == b"{"


def test_a_connection_may_end_in_the_middle(sandbox, http):
    sandbox.faults.add("hang_up", count=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        http.get(f"{sandbox.coingecko_url}/coins/markets", params=MARKETS, timeout=60)


@pytest.mark.parametrize("fault", BODIES)
@pytest.mark.parametrize("path", ["/ping", "/coins/solana", "/coins/solana/market_chart", "/search/trending"])
def test_every_fault_can_be_put_on_every_endpoint(sandbox, gecko, fault, path):
    sandbox.faults.add(fault, count=1)
    assert gecko(path, vs_currency="usd", days="2").status_code == 200


# Control over HTTP


def test_faults_are_posted_listed_and_taken_back(sandbox, http):
    url = f"{sandbox.url}/control/faults"
    wish = {"fault": "429", "target": "binance", "count": 3, "retry_after": 7}
    assert http.post(url, json=wish, timeout=60).status_code == 200
    (listed,) = http.get(url, timeout=60).json()
    assert wish.items() <= listed.items()
    assert http.delete(url, timeout=60).json()["faults"] == []
    assert http.get(url, timeout=60).json() == []


@pytest.mark.parametrize(
    ("wish", "hint"),
    [
        ({"fault": "boredom"}, "fault: write one of 429"),
        ({"fault": "429", "target": "kraken"}, "target: write one of"),
        ({"fault": "429", "count": 0}, "count: write"),
        ({"fault": "429", "count": True}, "count: write"),
        ({"fault": "429", "probability": 2}, "probability: write"),
        ([], "write an object"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_a_hint(sandbox, http, wish, hint):
    reply = http.post(f"{sandbox.url}/control/faults", json=wish, timeout=60)
    assert reply.status_code == 400
    assert hint in reply.json()["error"]
    assert sandbox.faults.listed() == []


def test_the_state_counts_requests_and_faults(sandbox, gecko, http):
    sandbox.faults.add("500", count=1)
    gecko("/search/trending")
    state = http.get(f"{sandbox.url}/control/state", timeout=60).json()
    assert state["requests"]["coingecko /search/trending"] >= 1
    assert state["faults_taken"]["500"] >= 1
    assert state["market_time"] == "2025-11-21T12:07:10Z"


def test_the_clock_can_be_moved(sandbox, http):
    url = f"{sandbox.url}/control/clock"
    assert (
        http.post(url, json={"market_at": "2025-11-22T00:00:00Z"}, timeout=60).json()["market_time"][:10]
        == "2025-11-22"
    )
    assert http.post(url, json={"market_at": "tomorrow"}, timeout=60).status_code == 400
    assert http.post(url, json={"speed": -1}, timeout=60).status_code == 400
    assert http.post(url, data=b"{", timeout=60).status_code == 400


def test_every_fault_is_described():
    from markets.sandbox import faults

    assert all(name in faults.__doc__ for name in NAMES)


def test_connections_are_kept_alive(sandbox):
    request = b"GET /ping HTTP/1.1\r\nHost: sandbox\r\n\r\n"
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=60) as connection:
        for _ in range(3):
            connection.sendall(request)
            reply = b""
            while b'{"ready":true}' not in reply:
                reply += connection.recv(4096)
            assert reply.startswith(b"HTTP/1.1 200")
