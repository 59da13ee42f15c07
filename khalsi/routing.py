"""Which topics the live feed has, and which paths sockets may open."""

from typing import Any
from urllib.parse import urlparse

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, re_path

from core.live import process
from core.live.consumer import LiveFeed, Receive, Send
from core.live.protocol import UNKNOWN_PATH
from core.live.topic import PersonalTopic
from markets.feed import PriceTopic
from predictions.feed import ForecastTopic

TOPICS = (PriceTopic(), ForecastTopic(), PersonalTopic("user"))

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


live_feed: Any = OwnOriginOnly(LiveFeed(process.hub(), TOPICS))
elsewhere: Any = nothing_here
websockets = URLRouter([path("ws/v1/", live_feed), path("ws/v1", live_feed), re_path(r"", elsewhere)])
