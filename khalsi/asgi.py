"""The ASGI entrance: the live feed, and in the embedded form HTTP as well."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khalsi.settings")

from typing import Any

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

django: Any = get_asgi_application()

from core.api.body_cap import capped_asgi  # noqa: E402  these need Django's apps
from core.api.hot import in_front_asgi  # noqa: E402
from core.api.metered import metered_asgi  # noqa: E402
from core.live import process  # noqa: E402
from khalsi.routing import FILES, websockets  # noqa: E402


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """What the server runs before its first connection and after its last."""
    await receive()
    await process.hub().start()
    # Thousands of sockets are long-lived objects: the collector need not walk them again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await process.hub().stop()
    await send({"type": "lifespan.shutdown.complete"})


application = ProtocolTypeRouter(
    {
        "http": metered_asgi(in_front_asgi(capped_asgi(django, files=FILES))),
        "websocket": websockets,
        "lifespan": lifespan,
    }
)
