"""Discord, Telegram, Slack and a webhook on loopback: they speak the real wire formats, remember what they got, and
misbehave when told to.

    with a_receiver() as receiver:
        receiver.discord_url   # a webhook of Discord
        receiver.answers(Misbehaviour(429, retry_after=7))   # the next answer, whatever is asked
        receiver.got("discord")
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLACK_PATH = "/services/T000AAAA/B000BBBB/abcdefghijklmnopqrstuvwx"
DISCORD_PATH = "/api/webhooks/123456789012345678/" + "t" * 68
BOT_TOKEN = "123456:test-token"


@dataclass(frozen=True)
class Misbehaviour:
    """What is answered instead. `slow` waits first; `silent` closes the connection without a word; `location` makes it
    a redirect; `body` replaces what the service would say."""

    status: int = 500
    retry_after: float | None = None
    slow: float = 0.0
    silent: bool = False
    location: str = ""
    body: bytes | None = None
    described: str = ""


@dataclass(frozen=True)
class Got:
    service: str
    path: str
    headers: dict[str, str]
    body: bytes
    answered: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    port: int = 0
    received: list[Got] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    echoes_challenges: bool = False
    _next: list[Misbehaviour] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    always: Misbehaviour | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def discord_url(self) -> str:
        return self.base + DISCORD_PATH

    @property
    def slack_url(self) -> str:
        return self.base + SLACK_PATH

    @property
    def webhook_url(self) -> str:
        return f"{self.base}/hook/secret-path"

    def answers(self, *those: Misbehaviour) -> None:
        self._next.extend(those)

    def got(self, service: str) -> list[Got]:
        """What this service accepted, in order."""
        return [one for one in self.received if one.service == service and 200 <= one.answered < 300]

    def asked(self, service: str) -> list[Got]:
        return [one for one in self.received if one.service == service]

    def starts_chat(self, chat: int, code: str) -> None:
        """Somebody opens the deep link and presses Start."""
        with self._lock:
            number = len(self.updates) + 1
            message = {
                "message_id": number,
                "chat": {"id": chat, "type": "private"},
                "text": f"/start {code}",
            }
            self.updates.append({"update_id": 1000 + number, "message": message})

    def misbehaviour(self) -> Misbehaviour | None:
        with self._lock:
            return self._next.pop(0) if self._next else self.always

    def note(self, got: Got) -> None:
        with self._lock:
            self.received.append(got)


def service_of(path: str) -> str:
    if path.startswith("/api/webhooks/"):
        return "discord"
    if path.startswith("/services/"):
        return "slack"
    return "telegram" if path.startswith("/bot") else "webhook"


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        service = service_of(self.path)
        wrong = self.receiver.misbehaviour()
        if wrong and wrong.slow:
            time.sleep(wrong.slow)
        if wrong and wrong.silent:
            self._note(service, body, 0)
            self.close_connection = True
            return
        status, answer, headers = _ANSWERS[service](self, body, wrong)
        self._note(service, body, status)
        self._say(status, answer, headers)

    def _note(self, service: str, body: bytes, status: int) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.note(Got(service, self.path, headers, body, status))

    def _say(self, status: int, answer: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        return


Said = tuple[int, bytes, dict[str, str]]


def _wrong(wrong: Misbehaviour, body: bytes) -> Said:
    headers = {"Location": wrong.location} if wrong.location else {}
    if wrong.retry_after is not None:
        headers["Retry-After"] = str(
            int(wrong.retry_after) + 1
        )  # the header in whole seconds, the body exactly
    return wrong.status, wrong.body if wrong.body is not None else body, headers


def _discord(handler: _Handler, body: bytes, wrong: Misbehaviour | None) -> Said:
    if wrong:
        said: dict[str, Any] = {"message": wrong.described or "Unknown", "code": 0}
        if wrong.status == 429:
            said = {
                "message": "You are being rate limited.",
                "retry_after": wrong.retry_after,
                "global": False,
            }
        if wrong.status == 404:
            said = {"message": "Unknown Webhook", "code": 10015}
        return _wrong(wrong, json.dumps(said).encode())
    sent = json.loads(body)
    embeds = sent.get("embeds", [])
    sizes = [len(one.get("title", "")) + len(one.get("description", "")) for one in embeds]
    is_sound = embeds and sum(sizes) <= 6000 and all(len(one.get("title", "")) <= 256 for one in embeds)
    if not is_sound or sent.get("allowed_mentions") != {"parse": []} or "wait=true" not in handler.path:
        return 400, b'{"message": "Invalid Form Body", "code": 50035}', {}
    return 200, b'{"id": "1"}', {"Content-Type": "application/json"}


def _slack(handler: _Handler, body: bytes, wrong: Misbehaviour | None) -> Said:
    if wrong:
        return _wrong(wrong, (wrong.described or "no_service").encode())
    sent = json.loads(body)
    texts = [block["text"]["text"] for block in sent.get("blocks", [])]
    if not sent.get("text") or any(len(text) > 3000 for text in texts):
        return 400, b"invalid_payload", {}
    return 200, b"ok", {}


def _telegram(handler: _Handler, body: bytes, wrong: Misbehaviour | None) -> Said:
    if wrong:
        said = {"ok": False, "error_code": wrong.status, "description": wrong.described or "Error"}
        if wrong.retry_after is not None:
            said["parameters"] = {"retry_after": wrong.retry_after}
        return _wrong(wrong, json.dumps(said).encode())
    if not handler.path.startswith(f"/bot{BOT_TOKEN}/"):
        return 401, b'{"ok": false, "error_code": 401, "description": "Unauthorized"}', {}
    sent, method = json.loads(body), handler.path.rpartition("/")[2]
    if method == "getMe":
        return 200, b'{"ok": true, "result": {"id": 1, "is_bot": true, "username": "KhalsiTestBot"}}', {}
    if method == "getUpdates":
        wanted = [one for one in handler.receiver.updates if one["update_id"] >= sent.get("offset", 0)]
        handler.receiver.updates[:] = wanted
        return 200, json.dumps({"ok": True, "result": wanted[: sent.get("limit", 100)]}).encode(), {}
    if len(sent["text"]) > 4096 * 2 or not isinstance(sent["chat_id"], int):
        return 400, b'{"ok": false, "error_code": 400, "description": "Bad Request: message is too long"}', {}
    return 200, b'{"ok": true, "result": {"message_id": 1}}', {}


def _webhook(handler: _Handler, body: bytes, wrong: Misbehaviour | None) -> Said:
    if wrong:
        return _wrong(wrong, b"")
    data = json.loads(body)["data"]
    if handler.receiver.echoes_challenges and "challenge" in data:
        return 200, json.dumps({"challenge": data["challenge"]}).encode(), {}
    return 204, b"", {}


_ANSWERS = {"discord": _discord, "slack": _slack, "telegram": _telegram, "webhook": _webhook}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who breaks off is no news."""


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = _Server(("127.0.0.1", 0), handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
