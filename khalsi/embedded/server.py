"""The one server of the embedded form: uvicorn with pages, API and live feed."""

import signal
from collections.abc import Callable
from types import FrameType

import uvicorn
from django.conf import settings


def serve_until_stopped(stopped: Callable[[], bool]) -> None:
    """Serve until Ctrl-C or SIGTERM, then return, so that the rest can be stopped in order; at once where it is
    `stopped` already.

    uvicorn hands a caught signal on to the handlers that stood before its own, which would end the process at once;
    so quiet ones are set first. They count, since a signal may come before uvicorn listens to signals.
    """
    server = _server()

    def stop(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.should_exit = server.should_exit or stopped()
    server.run()


def _server() -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            "khalsi.asgi:application",
            host=settings.HOST,
            port=settings.PORT,
            log_config=None,
            access_log=False,
            lifespan="on",
            ws_ping_interval=settings.LIVE_HEARTBEAT_INTERVAL,
            ws_ping_timeout=settings.LIVE_HEARTBEAT_TIMEOUT,
            http="core.api.not_understood:Http",
            ws="core.live.wire:Wire",
            ws_per_message_deflate=False,  # frames are small and many: compressing each would cost more than it saves
            ws_max_size=64 * 1024,  # above the feed's own limit, so that a client gets its error frame
            timeout_graceful_shutdown=3,
            server_header=False,
            proxy_headers=False,  # who a client is decides TRUSTED_PROXIES alone
        )
    )
