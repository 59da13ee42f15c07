"""Publishing to the live feed, from any thread of any process."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import orjson
import structlog

from core.live.item import Payload, head
from core.live.process import publisher
from core.live.topic import USER, stream_name

log = structlog.get_logger(__name__)


def publish(stream: str, items: Iterable[tuple[str, Payload]]) -> None:
    """Number each symbol's newest value and hand it to all who listen to `stream` (see `stream_name`).

    Never raises: a feed that is away must not undo what was stored. Clients see the gap and ask again.
    """
    try:
        heads = {symbol: head(payload) for symbol, payload in items}
        if heads:
            publisher().publish(stream, heads)
    except Exception as error:  # whatever it is, the caller's work is done and stands
        _complain(stream, error)


def send(stream: str, items: Iterable[tuple[str, Payload]]) -> None:
    """Hand over values that count one by one and carry no number; each key is used once. Never raises."""
    try:
        fragments = {key: orjson.dumps(payload).decode() for key, payload in items}
        if fragments:
            publisher().send(stream, fragments)
    except Exception as error:  # as above
        _complain(stream, error)


def tell_user(user_id: UUID | str, frame: Payload, *, key: str | None = None) -> None:
    """Hand `frame`, such as {"type": "alert", …}, to every socket of this user in every process. Never raises.

    Call it after commit, once the inbox holds what the frame tells: who is not connected learns it there alone.
    With a `key`, such as the event's id, a second telling (of a worker that was killed in between) is heard once.
    """
    send(stream_name(USER, str(user_id)), [(key or uuid4().hex, frame)])


def _complain(stream: str, error: Exception) -> None:
    log.warning("live_feed_not_published", stream=stream, error=type(error).__name__)
