"""The HTTP around a fake exchange: one thread a connection, kept open, with its latency."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fakes.exchanges.binance import FakeBinance
from tests.fakes.exchanges.coinbase import FakeCoinbase
from tests.fakes.exchanges.exchange import FakeExchange, Request
from tests.fakes.exchanges.kraken import FakeKraken
from tests.fakes.exchanges.kucoin import FakeKuCoin

KINDS: dict[str, type[FakeExchange]] = {
    "binance": FakeBinance,
    "coinbase": FakeCoinbase,
    "kraken": FakeKraken,
    "kucoin": FakeKuCoin,
}


class _Handler(BaseHTTPRequestHandler):
    exchange: FakeExchange
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    do_PUT = do_DELETE = do_PATCH = do_POST

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer, wait = self.exchange.answered(Request(self.command, self.path, headers, body))
        if wait:
            time.sleep(wait)
        if answer is None:
            self.close_connection = True
            return
        try:
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()
        except OSError:
            self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.exchange.now() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:
        return


class _Server(ThreadingHTTPServer):
    """Knows who is connected: a socket kept open holds a thread and two files, and a thousand tests open one each."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connected: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connected.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connected.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Each handler reads the end of its connection, and ends."""
        for request in list(self._connected):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who breaks off is no news."""


@contextmanager
def a_fake(name: str, *, latency: float = 0.0) -> Iterator[Any]:
    """`latency` in seconds is that of every answer."""
    exchange = KINDS[name](latency=latency)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"exchange": exchange}))
    exchange.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        server.hang_up()
        thread.join(5)

    exchange.stop = stop  # type: ignore[method-assign]
    try:
        yield exchange
    finally:
        stop()
