"""A delivery and its channel as the outside clients take them."""

from datetime import datetime

from django.conf import settings

from alerts.channels import CHANNELS
from alerts.channels.base import Happening, Message, Target
from alerts.models import Delivery, Event, NotificationChannel
from alerts.services.sealed import ADDRESS, CODE, OLD_SECRET, SECRET
from alerts.services.unsubscribing import unsubscribe_link

_MARKETS = {"replay": "replay of past prices"}
Purpose = Delivery.Purpose


def target_of(channel: NotificationChannel, now: datetime) -> Target:
    """Opened for one sending. Raises CannotOpen."""
    secrets = [SECRET.get(channel)] if channel.sealed_secret else []
    if channel.sealed_old_secret and channel.old_secret_until and channel.old_secret_until > now:
        secrets.append(OLD_SECRET.get(channel))
    return Target(ADDRESS.get(channel), tuple(secrets), unsubscribe_link(channel))


def message_of(delivery: Delivery) -> Message:
    """Its id stays the same on every attempt: for machines the event's, so that they know a repeat."""
    if delivery.purpose == Purpose.TEST:
        text = "This is how your alerts will look. Nothing happened."
        return _message(delivery, "test", f"A test for {delivery.channel.name}", text=text)
    if delivery.purpose == Purpose.VERIFY:
        code = CODE.get(delivery.channel)
        text = "Somebody, you we hope, wants alerts of Khalsi to come here. Enter this code at Khalsi."
        return _message(delivery, "verify", "Confirm this channel for Khalsi", text=text, code=code)
    return _of_events(delivery)


def _of_events(delivery: Delivery) -> Message:
    events = list(delivery.events.select_related("token").order_by("fired_at", "created_at", "id"))
    told = tuple(map(_happening, events))
    if CHANNELS[delivery.channel.kind].tells_apart and told:
        return _message(delivery, "alert", told[0].sentence, told, message_id=told[0].id)
    if len(told) == 1:
        return _message(delivery, "alert", told[0].sentence, told)
    return _message(delivery, "digest", f"{len(told)} alerts of yours", told)


def _happening(event: Event) -> Happening:
    return Happening(
        id=str(event.id),
        kind=event.kind,
        sentence=event.sentence,
        note=event.note,
        symbol=event.token.symbol if event.token else "",
        fired_at=event.fired_at,
        values=event.values,
        link=_link(_place_of(event)),
        is_test=event.is_test,
    )


def _place_of(event: Event) -> str:
    if event.token:
        return f"tokens/{event.token.symbol}"
    return f"portfolios/{event.portfolio_id}" if event.portfolio_id else "alerts/inbox"


def _message(
    delivery: Delivery,
    kind: str,
    title: str,
    happenings: tuple[Happening, ...] = (),
    *,
    message_id: str = "",
    text: str = "",
    code: str = "",
) -> Message:
    return Message(
        id=message_id or str(delivery.id),
        kind=kind,
        title=title,
        at=happenings[0].fired_at if happenings else delivery.created_at,
        link=happenings[0].link
        if len(happenings) == 1
        else _link("alerts/inbox" if happenings else "alerts/channels"),
        happenings=happenings,
        text=text,
        market=_market(),
        code=code,
    )


def _market() -> str:
    """How a market that is not live is called, so that nothing of it passes for real."""
    market = settings.MARKET
    return "" if market.is_live else _MARKETS.get(market.kind, f"{market.kind} market")


def _link(path: str) -> str:
    return f"{settings.SITE_URL}/{path}"
