"""Alerts and events as the contract words them. API, live feed and pages all show these shapes."""

from typing import Any, TypedDict

from alerts.conditions.sentences import sentence
from alerts.models import Alert, Event
from core.lib.clock import iso


class AlertShown(TypedDict):
    id: str
    symbol: str | None
    coingecko_id: str | None
    portfolio_id: str | None
    portfolio: str | None
    kind: str
    params: dict[str, Any]
    repeat: str
    cooldown_seconds: int
    hysteresis: float
    expires_at: str | None
    snoozed_until: str | None
    quiet_hours: dict[str, str] | None
    note: str
    state: str
    armed: bool
    sentence: str
    channels: list[str]
    last_event_at: str | None
    created_at: str


class EventShown(TypedDict):
    id: str
    alert_id: str | None
    symbol: str | None
    portfolio_id: str | None
    kind: str
    sentence: str
    note: str
    values: dict[str, Any]
    fired_at: str
    created_at: str
    is_test: bool
    acknowledged_at: str | None


def alert_sentence(alert: Alert) -> str:
    return sentence(alert.condition, alert.rhythm, alert.subject, alert.quiet_hours)


def alert_shown(alert: Alert) -> AlertShown:
    """`token`, `portfolio`, `owner` and `channels` should have been fetched with it."""
    own_quiet = alert.quiet_from is not None and alert.quiet_to is not None
    return {
        "id": str(alert.id),
        "symbol": alert.token.symbol if alert.token else None,
        "coingecko_id": alert.token.coingecko_id if alert.token else None,
        "portfolio_id": str(alert.portfolio_id) if alert.portfolio_id else None,
        "portfolio": alert.portfolio.name if alert.portfolio else None,
        "kind": alert.kind,
        "params": alert.params,
        "repeat": alert.repeat,
        "cooldown_seconds": alert.cooldown_seconds,
        "hysteresis": alert.hysteresis,
        "expires_at": iso(alert.expires_at) if alert.expires_at else None,
        "snoozed_until": iso(alert.snoozed_until) if alert.snoozed_until else None,
        "quiet_hours": {"from": f"{alert.quiet_from:%H:%M}", "to": f"{alert.quiet_to:%H:%M}"}
        if own_quiet
        else None,
        "note": alert.note,
        "state": alert.state,
        "armed": alert.armed,
        "sentence": alert_sentence(alert),
        "channels": sorted(str(channel.id) for channel in alert.channels.all()),
        "last_event_at": iso(alert.last_event_at) if alert.last_event_at else None,
        "created_at": iso(alert.created_at),
    }


def event_shown(event: Event) -> EventShown:
    """`token` should have been selected with it."""
    return {
        "id": str(event.id),
        "alert_id": str(event.alert_id) if event.alert_id else None,
        "symbol": event.token.symbol if event.token else None,
        "portfolio_id": str(event.portfolio_id) if event.portfolio_id else None,
        "kind": event.kind,
        "sentence": event.sentence,
        "note": event.note,
        "values": event.values,
        "fired_at": iso(event.fired_at),
        "created_at": iso(event.created_at),
        "is_test": event.is_test,
        "acknowledged_at": iso(event.acknowledged_at) if event.acknowledged_at else None,
    }
