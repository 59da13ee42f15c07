"""Live prices over WebSocket and server-sent events, read with a client that is not ours."""

import json
import socket
import threading

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from markets.sandbox.server import SandboxConfig, start
from markets.sandbox.stream import Subscriptions
from markets.sandbox.websocket import CLOSE, accept_key, frame, unmask
from tests.markets.sandbox.conftest import NOON

NOW = NOON.timestamp()


@pytest.fixture
def listen(sandbox):
    def open_stream(path):
        return connect(sandbox.stream_url + path, open_timeout=60, close_timeout=1, proxy=None)

    return open_stream


def test_the_handshake_answers_the_example_of_the_standard():
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("size", [0, 1, 5, 125, 126, 70_000])
def test_masks_come_off_and_lengths_are_written(size):
    payload, mask = bytes(range(256)) * 300, b"\x01\x80\xff\x00"
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload[:size]))
    assert unmask(masked, mask) == payload[:size]
    assert frame(1, payload[:size]).endswith(payload[:size])


def test_a_bare_stream_sends_bare_events(listen):
    with listen("/ws/solusdt@miniTicker") as stream:
        event = json.loads(stream.recv(timeout=60))
    assert set(event) == {"e", "E", "s", "c", "o", "h", "l", "v", "q"}
    assert (event["e"], event["s"]) == ("24hrMiniTicker", "SOLUSDT")
    assert float(event["l"]) <= float(event["c"]) <= float(event["h"])


def test_combined_streams_are_wrapped(listen):
    with listen("/stream?streams=solusdt@miniTicker/bonkusdt@kline_15m") as stream:
        events = [json.loads(stream.recv(timeout=60)) for _ in range(2)]
    assert [event["stream"] for event in events] == ["solusdt@miniTicker", "bonkusdt@kline_15m"]
    candle = events[1]["data"]["k"]
    assert (candle["i"], candle["x"]) == ("15m", False)
    assert candle["t"] <= NOW * 1000 <= candle["T"]


def test_subscriptions_change_at_run_time(listen):
    with listen("/ws") as stream:
        stream.send(json.dumps({"method": "SUBSCRIBE", "params": ["btcusdt@miniTicker"], "id": 1}))
        assert json.loads(stream.recv(timeout=60)) == {"result": None, "id": 1}
        assert json.loads(stream.recv(timeout=60))["s"] == "BTCUSDT"
        stream.send(json.dumps({"method": "UNSUBSCRIBE", "params": ["btcusdt@miniTicker"], "id": 2}))
        assert json.loads(stream.recv(timeout=60)) == {"result": None, "id": 2}
        stream.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 3}))
        assert json.loads(stream.recv(timeout=60)) == {"result": [], "id": 3}


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"method": "DANCE", "id": 1}', '{"method": "SUBSCRIBE", "params": 1}']
)
def test_a_command_that_makes_no_sense_is_answered_with_an_error(listen, text):
    with listen("/ws") as stream:
        stream.send(text)
        assert "error" in json.loads(stream.recv(timeout=60))


def test_pings_are_answered(listen):
    with listen("/ws") as stream:
        assert stream.ping().wait(60)


def test_a_frame_without_mask_ends_the_connection(sandbox):
    request = (
        b"GET /ws HTTP/1.1\r\nHost: sandbox\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=60) as connection:
        connection.sendall(request)
        assert b"101 Switching Protocols" in connection.recv(4096)
        connection.sendall(frame(1, b"{}"))
        assert connection.recv(4096) == frame(CLOSE, b"\x03\xea")  # 1002: protocol error


def test_a_plain_request_for_a_stream_is_told_to_upgrade(sandbox, http):
    assert http.get(f"{sandbox.url}/ws/solusdt@miniTicker", timeout=60).status_code == 426


def test_a_closing_server_says_so():
    server = start(SandboxConfig(market_at=NOON, speed=0, epoch=NOON, tokens=1))
    with connect(f"{server.stream_url}/ws", open_timeout=60, proxy=None) as stream:
        threading.Thread(target=server.stop).start()
        with pytest.raises(ConnectionClosed):
            stream.recv(timeout=60)


def test_a_candle_is_final_once_and_only_when_it_has_closed(sandbox):
    subscriptions = Subscriptions(sandbox.market, sandbox.clock, ["solusdt@kline_15m"], wrapped=False)

    def look():
        return [json.loads(event)["k"] for event in subscriptions.due(0)]

    assert [candle["x"] for candle in look()] == [False]
    sandbox.clock.move(market_at=NOW + 900)
    final, running = look()
    assert (final["x"], running["x"]) == (True, False)
    assert final["T"] + 1 == running["t"]
    assert final["c"] == running["o"]
    assert [candle["x"] for candle in look()] == [False]


def test_klines_come_every_second_tick_and_unknown_symbols_never(sandbox):
    names = ["solusdt@kline_1h", "nousdt@miniTicker", "SOLUSDT@miniTicker"]
    subscriptions = Subscriptions(sandbox.market, sandbox.clock, names, wrapped=True)
    assert [len(list(subscriptions.due(tick))) for tick in range(4)] == [1, 0, 1, 0]


def test_all_tickers_come_in_one_event(sandbox):
    subscriptions = Subscriptions(sandbox.market, sandbox.clock, ["!miniTicker@arr"], wrapped=False)
    (event,) = subscriptions.due(0)
    assert {"SOLUSDT", "BTCUSDT"} <= {row["s"] for row in json.loads(event)}


def test_prices_come_as_server_sent_events(sandbox, http):
    url = f"{sandbox.url}/stream/prices?ids=solana,bonk"
    with http.get(url, stream=True, timeout=60) as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        lines = reply.iter_lines(chunk_size=1, decode_unicode=True)
        data = next(line for line in lines if line.startswith("data: "))
    prices = json.loads(data.removeprefix("data: "))["prices"]
    assert set(prices) == {"solana", "bonk"}
    assert prices["solana"]["usd"] > 0
