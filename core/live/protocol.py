"""The words of the protocol: what a client's frame must be, and the frames that answer it."""

from collections.abc import Mapping
from typing import Any

import orjson

from core.lib.errors import BadInput, KhalsiError, TooLarge
from core.live.limits import MAX_FRAME_BYTES, is_too_large
from core.live.mailbox import Frame
from core.live.subscriptions import EVERY, Symbols
from core.live.topic import Fields, Stream

ACTIONS = ("authenticate", "subscribe", "unsubscribe", "ping")

BAD_FRAMES = 4400
"""Close codes. The connection sent too many frames that mean nothing."""
SIGN_IN_ENDED = 4401
UNKNOWN_PATH = 4404
TOO_SLOW = 4408


class BadFrame(BadInput):
    """No JSON, no object, or no action or channel that is known: the client is broken, not its user."""


def parsed(message: Mapping[str, Any]) -> Fields:
    """The fields of one received frame; `action` is one of ACTIONS."""
    text = message.get("text")
    if not isinstance(text, str):
        raise BadFrame("Send text frames that hold JSON; binary frames are not read.")
    if is_too_large(text):
        raise TooLarge(f"A frame holds {MAX_FRAME_BYTES} bytes at most.")
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadFrame("The frame is not JSON.") from error
    if not isinstance(fields, dict) or fields.get("action") not in ACTIONS:
        raise BadFrame(f'Write an object with "action": one of {", ".join(ACTIONS)}.')
    return fields


def sent(text: str) -> Frame:
    return {"type": "websocket.send", "text": text}


def frame(type: str, **fields: object) -> Frame:
    return sent(orjson.dumps({"type": type, **fields}).decode())


def refusal(error: KhalsiError) -> Frame:
    return frame("error", code=error.code, message=error.message)


def subscription(type: str, stream: Stream, symbols: Symbols) -> Frame:
    """`subscribed` or `unsubscribed`, naming what the request named."""
    if not stream.topic.by_symbol:
        return frame(type, channel=stream.topic.name)
    named = "*" if symbols == EVERY else sorted(symbols)
    return frame(type, channel=stream.topic.name, **dict(stream.parameters), symbols=named)


PONG = frame("pong")
