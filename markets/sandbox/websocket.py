"""The server's half of RFC 6455, as much of it as a market stream needs: handshake, text, ping, pong and
close.
"""

import base64
import contextlib
import hashlib
import select
import socket
import struct

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0
LONGEST_MESSAGE = 64 * 1024
NORMAL, PROTOCOL_ERROR, TOO_BIG = 1000, 1002, 1009


class Closed(Exception):
    """The connection is over; `code` is what the other side is told, None where it is cut without a word."""

    def __init__(self, code: int | None = NORMAL) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


def accept_key(key: str) -> str:
    """Sec-WebSocket-Accept for a client's key: base64(sha1(key + GUID))."""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


def is_handshake(upgrade: str, key: str) -> bool:
    """Whether these headers of a request (Upgrade, Sec-WebSocket-Key) ask for a WebSocket."""
    return "websocket" in upgrade.lower() and bool(key)


def frame(opcode: int, payload: bytes) -> bytes:
    """One final, unmasked frame."""
    if len(payload) < 126:
        head = struct.pack("!BB", 0x80 | opcode, len(payload))
    elif len(payload) < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 126, len(payload))
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 127, len(payload))
    return head + payload


def unmask(payload: bytes, mask: bytes) -> bytes:
    """XOR with the repeated four-byte mask."""
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")


class Connection:
    """An accepted WebSocket. One thread reads and writes it."""

    is_deaf = False
    """Neither pings nor answers pings."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sock.settimeout(10)

    def wait(self, seconds: float) -> bool:
        """Whether something can be read within `seconds`."""
        return bool(select.select([self._sock], [], [], max(0.0, seconds))[0])

    def send(self, text: bytes, opcode: int = TEXT) -> None:
        self._sock.sendall(frame(opcode, text))

    def send_half(self, text: bytes) -> None:
        whole = frame(TEXT, text)
        self._sock.sendall(whole[: len(whole) // 2])

    def ping(self, payload: bytes) -> None:
        if not self.is_deaf:
            self._sock.sendall(frame(PING, payload))

    def close(self, code: int | None = NORMAL) -> None:
        if code is None:
            return
        with contextlib.suppress(OSError):  # the other side may be gone already
            self._sock.sendall(frame(CLOSE, struct.pack("!H", code)))

    def receive(self) -> tuple[int, bytes]:
        """The next message, as (TEXT or PONG, payload); pings are answered on the way. Raises Closed."""
        whole = b""
        while True:
            final, opcode, payload = self._frame()
            if opcode == CLOSE:
                raise Closed(NORMAL)
            if opcode == PING:
                if not self.is_deaf:
                    self._sock.sendall(frame(PONG, payload))
                return PONG, b""
            if opcode == PONG:
                return PONG, payload
            whole += payload
            if len(whole) > LONGEST_MESSAGE:
                raise Closed(TOO_BIG)
            if final:
                return TEXT, whole

    def _frame(self) -> tuple[bool, int, bytes]:
        first, second = self._exactly(2)
        if not second & 0x80 or first & 0x70:  # clients must mask; no extension was agreed on
            raise Closed(PROTOCOL_ERROR)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._exactly(8))
        if size > LONGEST_MESSAGE:
            raise Closed(TOO_BIG)
        mask = self._exactly(4)
        return bool(first & 0x80), first & 0x0F, unmask(self._exactly(size), mask)

    def _exactly(self, size: int) -> bytes:
        parts = b""
        while len(parts) < size:
            try:
                part = self._sock.recv(size - len(parts))
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            parts += part
        return parts
