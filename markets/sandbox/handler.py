"""One connection to the sandbox: finds the endpoint, lets faults interfere, writes the reply."""

import contextlib
import hashlib
import logging
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

import orjson

from markets.sandbox import binance, coingecko
from markets.sandbox.faults import STATUSES, STREAM, Fault
from markets.sandbox.mutations import PAGE, failed, spoil
from markets.sandbox.replies import Query, Reply
from markets.sandbox.stream import Subscriptions, serve_prices, serve_streams
from markets.sandbox.websocket import Connection, accept_key, is_handshake

if TYPE_CHECKING:
    from markets.sandbox.server import Listener, SandboxServer

log = logging.getLogger(__name__)

ROOTS = {"/coingecko/api/v3": "coingecko", "/binance/api/v3": "binance"}
JSON = "application/json; charset=utf-8"
HELD_SECONDS, DRIP_SECONDS = 60.0, 0.2
BLANKS, BLANKS_TIMES = b" " * (1 << 20), 64
LONGEST_BODY = 64 * 1024


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and body leave in one piece
    timeout = 75

    @property
    def sandbox(self) -> "SandboxServer":
        return cast("Listener", self.server).sandbox

    def version_string(self) -> str:
        return "KhalsiSandbox"

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        values = dict(parse_qsl(parts.query, keep_blank_values=True))
        for root, target in ROOTS.items():
            if parts.path.startswith(f"{root}/"):
                return self._provider(target, parts.path.removeprefix(root), Query(values))
        path = parts.path.removeprefix("/binance")
        if path in ("/stream", "/ws") or path.startswith("/ws/"):
            return self._websocket(path, values)
        if path == "/stream/prices":
            return self._events(values)
        match path:
            case "/ping":
                return self._send(200, orjson.dumps({"ready": True}))
            case "/control/state":
                return self._send(200, orjson.dumps(self.sandbox.state()))
            case "/control/faults":
                return self._send(200, orjson.dumps(self.sandbox.faults.listed()))
        return self._send(404, orjson.dumps({"error": f"the sandbox does not know {path}"}))

    def do_POST(self) -> None:
        path, text = urlsplit(self.path).path, self._body()
        try:
            wish = orjson.loads(text)
            if path == "/control/faults":
                self.sandbox.faults.put(Fault.parse(wish))
            elif path == "/control/clock":
                self.sandbox.move_clock(wish)
            else:
                return self._send(404, orjson.dumps({"error": f"nothing is posted to {path}"}))
        except ValueError as error:  # orjson's too
            return self._send(400, orjson.dumps({"error": str(error)}))
        return self._send(200, orjson.dumps(self.sandbox.state()))

    def do_DELETE(self) -> None:
        self._body()
        if urlsplit(self.path).path != "/control/faults":
            return self._send(404, orjson.dumps({"error": "only /control/faults can be taken back"}))
        self.sandbox.faults.clear()
        return self._send(200, orjson.dumps(self.sandbox.state()))

    def _body(self) -> bytes:
        size = int(self.headers.get("Content-Length") or 0)
        if size > LONGEST_BODY:
            self.close_connection = True
            return b""
        return self.rfile.read(size)

    def _provider(self, target: str, path: str, query: Query) -> None:
        self.sandbox.count(target, path)
        fault = self.sandbox.faults.take(target, path)
        if fault is not None and fault.fault in STATUSES:
            return self._reply(failed(fault, target), target, path)
        try:
            reply = self._answer(target, path, query)
        except Exception:
            log.exception("The sandbox failed to answer %s %s", target, path)
            return self._send(500, orjson.dumps({"status": 500, "error": "Internal Server Error"}))
        if fault is None:
            return self._reply(reply, target, path)
        return self._misbehave(fault, reply)

    def _answer(self, target: str, path: str, query: Query) -> Reply:
        endpoint = coingecko.answer if target == "coingecko" else binance.answer
        return endpoint(self.sandbox.market, path, query, self.sandbox.clock.now())

    def _reply(self, reply: Reply, target: str, path: str) -> None:
        if isinstance(reply.payload, str):
            return self._send(reply.status, reply.payload.encode(), dict(reply.headers), "text/html")
        body, headers = orjson.dumps(reply.payload), dict(reply.headers)
        if target == "binance":
            headers["X-MBX-USED-WEIGHT-1M"] = str(self.sandbox.used_weight(binance.WEIGHTS.get(path, 1)))
        elif reply.status == 200:
            headers["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
            if headers["ETag"] in self.headers.get("If-None-Match", ""):
                return self._send(304, b"", headers)
        return self._send(reply.status, body, headers)

    def _misbehave(self, fault: Fault, reply: Reply) -> None:
        body = spoil(fault, reply.payload)
        match fault.fault:
            case "timeout":
                self.sandbox.stopping.wait(HELD_SECONDS)
                self.close_connection = True
            case "hang_up":
                self._head(200, len(body), {}, JSON)
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            case "slow_drip":
                self._drip(body)
            case "oversized":
                self._blow_up(body)
            case "truncated":
                self._send(reply.status, body[: len(body) * 2 // 3])
            case "html":
                self._send(200, PAGE, content_type="text/html; charset=utf-8")
            case _:
                self._send(reply.status, body)

    def _drip(self, body: bytes) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):  # few clients wait for the end
            self._head(200, len(body), {}, JSON)
            for place in range(len(body)):
                self.wfile.write(body[place : place + 1])
                self.wfile.flush()
                if self.sandbox.stopping.wait(DRIP_SECONDS):
                    return

    def _blow_up(self, body: bytes) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):  # a careful client hangs up
            self._head(200, len(BLANKS) * BLANKS_TIMES + len(body), {}, JSON)
            for _ in range(BLANKS_TIMES):
                self.wfile.write(BLANKS)
            self.wfile.write(body)

    def _head(self, status: int, size: int, headers: dict[str, str], content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(size))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, content_type: str = JSON
    ) -> None:
        self._head(status, len(body), headers or {}, content_type)
        self.wfile.write(body)

    def _websocket(self, path: str, values: dict[str, str]) -> None:
        self.close_connection = True
        if not is_handshake(self.headers.get("Upgrade", ""), self.headers.get("Sec-WebSocket-Key", "")):
            return self._send(
                426, orjson.dumps({"error": "this path speaks WebSocket"}), {"Upgrade": "websocket"}
            )
        fault = self.sandbox.faults.take(STREAM, path, STATUSES)
        if fault is not None:
            return self._reply(failed(fault, "binance"), "binance", path)
        self.send_response(101)
        self.send_header("X-Market", self.sandbox.market.kind)  # who collects it must not take it for another
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(self.headers["Sec-WebSocket-Key"]))
        self.end_headers()
        self.wfile.flush()
        wrapped = path == "/stream"
        asked = values.get("streams", "") if wrapped else path.removeprefix("/ws").lstrip("/")
        names = [name for name in asked.split("/") if name]
        subscriptions = Subscriptions(self.sandbox.market, self.sandbox.clock, names, wrapped)
        serve_streams(Connection(self.connection), subscriptions, self.sandbox.faults, self.sandbox.stopping)
        return None

    def _events(self, values: dict[str, str]) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        ids = {name for name in values.get("ids", "").split(",") if name}
        with contextlib.suppress(OSError):  # the client has left
            serve_prices(self._write_now, self.sandbox.market, self.sandbox.clock, ids, self.sandbox.stopping)

    def _write_now(self, text: bytes) -> None:
        self.wfile.write(text)
        self.wfile.flush()
