"""Many WebSocket clients in one process, so cheap that they are not what is measured.

The process reads commands as lines of JSON and answers each with one: `Crowd` talks to it. A client reads frames
without any library, and of each the time of publishing alone, `"t":` with nanoseconds.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from array import array
from collections import Counter
from types import TracebackType
from typing import Any, Self

import uvloop

from benchmarks.ending import ends_with_parent

_AT_ONCE = 100
"""So many connections are being opened at a time."""
_PER_ADDRESS = 2000
"""Connections from one loopback address: the kernel searches for a free port ever longer, and the search would be
measured."""
_STAMP = b'"t":'
_DIGITS = 19
_ALERT = b'{"type":"alert"'
_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A


class Crowd:
    """The other end: starts the process, and asks it."""

    def __init__(self, port: int, path: str, *first: str) -> None:
        """`first` is what each client sends when it is open."""
        self._command = [sys.executable, "-m", "benchmarks.sockets", str(port), path, *first]

    def __enter__(self) -> Self:
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(self._command, preexec_fn=ends_with_parent, **pipes)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def ask(self, do: str, **fields: object) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("The process that holds the sockets ended; its last words stand above.")
        return json.loads(answer)


class Client(asyncio.Protocol):
    __slots__ = ("_counts", "_first", "_rest", "_transport", "alerts", "opened", "seen")

    def __init__(self, counts: "Counts", request: bytes, first: bytes) -> None:
        self._counts, self._first = counts, first
        self._rest = b""
        self._transport: Any = request
        self.opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.seen = self.alerts = 0

    def connection_made(self, transport: Any) -> None:
        request, self._transport = self._transport, transport
        transport.write(request)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        if not self.opened.done():
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self.opened.set_result(head.startswith(b"HTTP/1.1 101"))
            if self._first:
                self._transport.write(self._first)
        at, size = 0, len(data)
        while size - at >= 2:
            length, body = data[at + 1], at + 2
            if length == 126:
                length, body = int.from_bytes(data[body : body + 2], "big"), body + 2
            elif length == 127:
                length, body = int.from_bytes(data[body : body + 8], "big"), body + 8
            if size < body + length:
                break
            self._take(data[at], data, body, body + length)
            at = body + length
        self._rest = data[at:]

    def _take(self, kind: int, data: bytes, start: int, end: int) -> None:
        if kind == _TEXT:
            stamp = data.find(_STAMP, start, end)
            if stamp >= 0:
                at = stamp + len(_STAMP)
                self.seen = self._counts.count(int(data[at : at + _DIGITS]))
            else:
                self.alerts += data.startswith(_ALERT, start)
        elif kind == _PING:
            self._transport.write(masked(_PONG, data[start:end]))

    def connection_lost(self, error: Exception | None) -> None:
        self._counts.lost += 1
        if not self.opened.done():
            self.opened.set_result(False)

    def stop_reading(self) -> None:
        self._transport.pause_reading()

    def read_again(self) -> None:
        self._transport.resume_reading()


class Counts:
    """What all clients saw since `clear`."""

    def __init__(self) -> None:
        self.lost = 0
        self.clear()

    def clear(self) -> None:
        self.delays = array("q")
        self.ticks: Counter[int] = Counter()

    def count(self, published: int) -> int:
        self.delays.append(time.time_ns() - published)
        self.ticks[published] += 1
        return published

    def report(self) -> dict[str, object]:
        delays = sorted(self.delays)

        def quantile(share: float) -> float:
            return delays[int(share * (len(delays) - 1))] / 1e6 if delays else float("nan")

        return {
            "frames": len(delays),
            "ticks": len(self.ticks),
            "p50_ms": quantile(0.5),
            "p99_ms": quantile(0.99),
            "max_ms": quantile(1),
            "lost": self.lost,
            "cpu": time.process_time(),
        }


def masked(kind: int, body: bytes) -> bytes:
    """A client's frame; the mask is zero, which masks nothing and is allowed."""
    size = len(body)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([kind]) + length + bytes(4) + body


class Holder:
    def __init__(self, port: int, path: str, first: list[str]) -> None:
        self._port, self._counts = port, Counts()
        self._clients: list[Client] = []
        host = f"127.0.0.1:{port}"
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self._first = b"".join(masked(_TEXT, frame.encode()) for frame in first)

    async def open(self, number: int) -> dict[str, object]:
        began, free = time.monotonic(), asyncio.Semaphore(_AT_ONCE)
        good = await asyncio.gather(*(self._open_one(free) for _ in range(number)))
        seconds = time.monotonic() - began
        return {"opened": sum(good), "seconds": seconds}

    async def _open_one(self, free: asyncio.Semaphore) -> bool:
        async with free:
            client = Client(self._counts, self._request, self._first)
            source = f"127.0.0.{2 + len(self._clients) // _PER_ADDRESS}"
            self._clients.append(client)
            try:
                await asyncio.get_running_loop().create_connection(
                    lambda: client, "127.0.0.1", self._port, local_addr=(source, 0)
                )
            except OSError:
                return False
            return await client.opened

    async def clear(self) -> dict[str, object]:
        self._counts.clear()
        return self._counts.report()

    async def report(self) -> dict[str, object]:
        return self._counts.report()

    async def stop_reading(self, number: int) -> dict[str, object]:
        for client in self._clients[:number]:
            client.stop_reading()
        return {"stopped": number}

    async def read_again(self, number: int) -> dict[str, object]:
        for client in self._clients[:number]:
            client.read_again()
        return {"reading": number}

    async def newest(self, number: int) -> dict[str, object]:
        """When the value was published that each of the first so many saw last."""
        return {"seen": [client.seen for client in self._clients[:number]]}

    async def alerts(self, number: int) -> dict[str, object]:
        """How many reached each of the first so many."""
        return {"alerts": [client.alerts for client in self._clients[:number]]}


async def serve(holder: Holder) -> None:
    """Until the other end goes away."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(0, "rb", buffering=0)
    )
    while line := await lines.readline():
        asked = json.loads(line)
        answer = await getattr(holder, asked.pop("do"))(**asked)
        print(json.dumps(answer), flush=True)


def allow_many_files() -> int:
    """As many open files as the machine allows this process and its children."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


if __name__ == "__main__":
    allow_many_files()
    port, path, *first = sys.argv[1:]
    uvloop.run(serve(Holder(int(port), path, first)))
