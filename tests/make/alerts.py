"""Alerts, events and inbox items, from what matters alone."""

from datetime import datetime
from typing import Any

from accounts.models import User
from alerts.models import Alert, Event, Gauge, InboxItem
from alerts.models.event import event_id
from alerts.services.alerts import Wanted, create_alert
from core.lib.clock import iso
from markets.models import Token
from tests.make.markets import NOON


def an_alert(owner: User, token: Token, kind: str = "price_above", **fields: Any) -> Alert:
    """A row as it stands; who wants it checked and ready to be evaluated calls `create_alert`."""
    gauge, _ = Gauge.objects.get_or_create(token=token, name="price", defaults={"feed": Gauge.Feed.QUOTES})
    values = {"params": {"price": 100.0}, "gauge": gauge, "created_at": NOON, "changed_at": NOON, **fields}
    return Alert.objects.create(owner=owner, token=token, kind=kind, **values)


def wanted(token: Token, kind: str = "price_above", **fields: Any) -> Wanted:
    """An alert as it is asked for; a price of 100 unless told otherwise."""
    params = fields.pop("params", {"price": 100.0} if kind.startswith("price_") else {})
    return Wanted(token=token, kind=kind, params=params, **fields)


def a_made_alert(
    owner: User, token: Token, kind: str = "price_above", now: datetime = NOON, **fields: Any
) -> Alert:
    """Checked and ready to be evaluated, as its owner makes it."""
    return create_alert(owner_id=owner.id, wanted=wanted(token, kind, **fields), now=now, wall=now)


def an_event(alert: Alert, at: datetime = NOON, **fields: Any) -> Event:
    """With its inbox item."""
    said = {
        "owner_id": alert.owner_id,
        "token_id": alert.token_id,
        "kind": alert.kind,
        "sentence": "SOL is above 100 USD: 101 USD.",
        "values": {"value": 101.0},
        "created_at": at,
        **fields,
    }
    event = Event.objects.create(
        id=event_id(alert.id, iso(at)), alert=alert, occurrence=iso(at), fired_at=at, **said
    )
    InboxItem.objects.create(owner_id=alert.owner_id, event=event, created_at=at)
    return event
