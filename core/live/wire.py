"""uvicorn's WebSocket with one thing more: it offers to write frames that are ready (`core.live.ready`).

Named in the server's command, `--ws core.live.wire:Wire`. Behind another server the feed works as well, for more CPU.
"""

import socket
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from core.live.ready import EXTENSION

_WAITING_BYTES = 16 * 1024
_KERNEL_BYTES = 64 * 1024
"""What may wait for a reader who stopped, here and in the kernel; what is newer waits in his mailbox, where still newer
values replace it."""
_LAST_WORD_SECONDS = 1.0


class Wire(WebSocketsSansIOProtocol):
    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_WAITING_BYTES)
        held = transport.get_extra_info("socket")
        if held is not None and held.family in {socket.AF_INET, socket.AF_INET6}:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)

    async def run_asgi(self) -> None:
        self.scope["extensions"][EXTENSION] = {"write": self.write_ready}
        await super().run_asgi()
        self._let_go()

    def write_ready(self, frame: bytes) -> bool:
        if self.disconnected or not self.writable.is_set() or self.conn.state is not State.OPEN:
            return False
        self.transport.write(frame)
        return True

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._let_go()

    def _let_go(self) -> None:
        """A transport that closes waits for its reader first; one who stopped would keep it for good."""
        if self.transport.get_write_buffer_size():
            self.loop.call_later(_LAST_WORD_SECONDS, self.transport.abort)
