"""Signed webhooks: a POST for each event, to an address that the user names.

The body is JSON below 20 kB: `{"type", "timestamp", "data"}`. A receiver that answers a `channel.verify` with
`{"challenge": "…"}` has confirmed the channel by itself.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from alerts.channels.base import (
    Channel,
    Happening,
    Message,
    Outcome,
    Place,
    Post,
    Target,
    as_json,
    asked,
    bad_address,
    by_status,
    json_of,
)
from alerts.channels.signing import signed_headers
from core.lib.clock import iso, wall_now
from core.net.guard import AddressRefused, place_of, rules
from core.net.reply import Reply

TYPES = {"alert": "alert.triggered", "test": "channel.test", "verify": "channel.verify"}


class Webhook(Channel):
    kind, label = "webhook", "Webhook"
    tells_apart = True
    is_user_given = True

    def __init__(self, clock: Callable[[], datetime] = wall_now) -> None:
        self._clock = clock

    def place(self, written: str) -> Place:
        try:
            place = place_of(written.strip(), rules())
        except AddressRefused as refusal:
            raise bad_address(refusal.message) from None
        return Place(address=written.strip(), shown=f"{place.scheme}://{place.authority}/…", host=place.host)

    def send(self, target: Target, message: Message, post: Post) -> Outcome:
        body = as_json(body_of(message))
        headers = {
            "Content-Type": "application/json",
            **signed_headers(message_id=message.id, body=body, at=self._clock(), secrets_=target.secrets),
        }

        def judge(reply: Reply) -> Outcome:
            outcome = by_status("The address", reply)
            echoed = message.code and json_of(reply).get("challenge") == message.code
            return Outcome("sent", outcome.said, reply.status, confirms=True) if echoed else outcome

        return asked("The address", lambda: post(target.address, body, headers), judge)


def body_of(message: Message) -> dict[str, Any]:
    """The same bytes on every attempt: the timestamp is the event's."""
    data: dict[str, Any] = {"text": message.text}
    if message.happenings:
        data = _event(message.happenings[0])
    elif message.code:
        data = {"challenge": message.code, "text": message.text}
    if message.market:
        data["market"] = message.market
    return {"type": TYPES[message.kind], "timestamp": iso(message.at), "data": data}


def _event(one: Happening) -> dict[str, Any]:
    return {
        "event_id": one.id,
        "kind": one.kind,
        "symbol": one.symbol,
        "sentence": one.sentence,
        "note": one.note,
        "fired_at": iso(one.fired_at),
        "values": dict(one.values),
        "link": one.link,
        "is_test": one.is_test,
    }
