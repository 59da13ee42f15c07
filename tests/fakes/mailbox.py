"""A mail server on loopback that takes everything and remembers it; it speaks what Python's own client asks for."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    port: int = 0
    letters: list[str] = field(default_factory=list)


class _Session(socketserver.StreamRequestHandler):
    mailbox: Mailbox

    def handle(self) -> None:
        try:
            self._say("220 fake")
            while line := self.rfile.readline():
                if not self._answered(line.split()[0].upper().decode() if line.split() else ""):
                    return
        except OSError:
            return

    def _answered(self, verb: str) -> bool:
        if verb == "DATA":
            self._say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            if line:  # what was cut off in the middle was never accepted
                self.mailbox.letters.append(b"".join(lines).decode("utf-8", "replace"))
        self._say("221 bye" if verb == "QUIT" else "250 fine")
        return verb != "QUIT"

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Who breaks off is no news."""


@contextmanager
def a_mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    session = type("Session", (_Session,), {"mailbox": mailbox})
    server = _Server(("127.0.0.1", 0), session)
    mailbox.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield mailbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
