"""uvicorn's HTTP with two things more: bytes that are no request are answered in the envelope, like everything else,
and a head (first line and headers) that is too long or too slow to come is such bytes before it fills the memory.

Such a request reaches no application. Behind the proxy of the distributed form this is never seen: the proxy answers.
"""

from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.api.errors import refusal_for
from core.api.rendering import rendered
from core.api.request_id import HEADER, answering
from core.lib.errors import BadInput
from core.lib.ids import request_id

MOST_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 30.0
_MESSAGE = (
    "The request cannot be understood: its first line or its headers are malformed, too long or too slow."
)


class Http(HttpToolsProtocol):
    _head_bytes = _waiting_bytes = 0
    _is_in_head = False
    _patience: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._patience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head:  # one header that does not end is not counted below
            self._waiting_bytes += len(data)
            if self._waiting_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("too long")

    def on_message_begin(self) -> None:
        self._is_in_head, self._head_bytes, self._waiting_bytes = True, 0, 0
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_SECONDS, self._give_up)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        identity = request_id(None)
        with answering(identity):
            body = rendered(refusal_for(BadInput(_MESSAGE)).body())
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"content-length: {len(body)}\r\n{HEADER.lower()}: {identity}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _count(self, size: int) -> None:
        """What is raised here the parser hands on as its own error, which is answered like all of its errors."""
        self._head_bytes += size
        if self._head_bytes > MOST_HEAD_BYTES:
            raise ValueError("The head is too long.")

    def _give_up(self) -> None:
        """A visitor who has said nothing yet is let go without a word: browsers connect ahead of time."""
        self._patience = None
        if self.transport.is_closing():
            return
        if self._is_in_head:
            self.send_400_response("too slow")
        else:
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
