"""Which topics the live feed has, which paths sockets may open, and which take files."""

import re
from typing import Any
from urllib.parse import urlparse

from channels.security.websocket import AllowedHostsOriginValidator

from core.live import process
from core.live.consumer import LiveFeed, Receive
from core.live.postman import Send
from core.live.protocol import UNKNOWN_PATH
from core.live.topic import USER, PersonalTopic
from markets.feed import PriceTopic
from portfolios.api.file_parsers import MOST_BODY
from predictions.feed import ForecastTopic

TOPICS = (PriceTopic(), ForecastTopic(), PersonalTopic(USER))

FILES = (re.compile(r"/(?:api/v1/)?portfolios/[0-9a-f-]{36}/import/?"), MOST_BODY)
"""Paths whose bodies may be larger than others, and how large; the proxy's file knows them too."""

Scope = dict[str, Any]


class OwnOriginOnly:
    """A browser says where its page came from; only our own may use its cookie. Apps send no Origin."""

    def __init__(self, application: Any) -> None:
        self._application, self._rule = application, AllowedHostsOriginValidator(application)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = next((value.decode("latin1") for name, value in scope["headers"] if name == b"origin"), None)
        if origin is None or self._is_own(origin):
            await self._application(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})  # before it was accepted: the handshake gets a 403

    def _is_own(self, origin: str) -> bool:
        try:
            return bool(self._rule.valid_origin(urlparse(origin)))
        except ValueError:  # no address at all
            return False


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepted first, so that the client is told the code; a refused handshake tells browsers nothing."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": UNKNOWN_PATH, "reason": "The live feed is at /ws/v1/"})


LIVE_FEED = OwnOriginOnly(LiveFeed(process.hub(), TOPICS))
_PATHS = {"/ws/v1/": LIVE_FEED, "/ws/v1": LIVE_FEED}


async def websockets(scope: Scope, receive: Receive, send: Send) -> None:
    """Two paths need no patterns: everybody comes back at once after a restart."""
    await _PATHS.get(scope["path"], nothing_here)(scope, receive, send)
