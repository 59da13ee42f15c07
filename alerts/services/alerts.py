"""Alerts made, changed and deleted by their owners. Whatever changes what it waits for starts the waiting anew."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.selectors.users import account_of
from alerts.conditions.kinds import OF_PORTFOLIOS, condition_for
from alerts.conditions.rhythm import Standing
from alerts.models import Alert, Gauge
from alerts.selectors.alerts import alert_of
from alerts.selectors.readings import new_readings
from alerts.services.choosing import choose_channels
from alerts.services.gauges import gauge_for
from core.lib.errors import BadInput, Conflict
from markets.models import Token
from portfolios.models import Portfolio

MOST_ALERTS = {User.Plan.FREE: 20, User.Plan.PRO: 500}
_CHANGEABLE = (
    "repeat", "cooldown_seconds", "hysteresis", "expires_at", "snoozed_until", "quiet_from", "quiet_to", "note"
)  # fmt: skip
_WAITED_FOR = ("params", "hysteresis")
"""What an alert waits for; changing it forgets what it remembered."""
_SETTABLE = (Alert.State.ACTIVE, Alert.State.PAUSED)


@dataclass(frozen=True)
class Wanted:
    """An alert as it is asked for, its words checked one by one."""

    token: Token | None
    kind: str
    params: Mapping[str, Any]
    portfolio: Portfolio | None = None
    """The owner's own, for kinds that look at a portfolio; exactly one of the two is given."""
    repeat: str = Alert.Repeat.ONCE
    cooldown_seconds: int = 0
    hysteresis: float = 0.0
    expires_at: datetime | None = None
    snoozed_until: datetime | None = None
    quiet_from: time | None = None
    quiet_to: time | None = None
    note: str = ""
    channels: Collection[UUID] | None = None
    """Where it goes beside the inbox; None: wherever its owner has a channel that counts."""


def new_alert(owner: User, wanted: Wanted, *, now: datetime, wall: datetime) -> Alert:
    """Checked, with its condition, but not stored: what a preview plays. Raises BadInput."""
    condition = condition_for(wanted.kind, wanted.params, wanted.hysteresis)
    _check_subject(wanted)
    alert = Alert(
        owner=owner,
        token=wanted.token,
        portfolio=wanted.portfolio,
        kind=wanted.kind,
        params=condition.params,
        created_at=wall,
        changed_at=wall,
        **{name: getattr(wanted, name) for name in _CHANGEABLE},
    )
    _check(alert, now)
    return alert


def create_alert(*, owner_id: UUID, wanted: Wanted, now: datetime, wall: datetime) -> Alert:
    """`now` is market time. Raises BadInput, and Conflict where the plan allows no more."""
    with transaction.atomic():
        owner = account_of(owner_id, locked=True)  # so that two at once are not one too many
        alert = new_alert(owner, wanted, now=now, wall=wall)
        _refuse_too_many(owner)
        _begin(alert, now)
        alert.save(force_insert=True)
        choose_channels(alert, wanted.channels)
    return alert


def change_alert(
    *, owner_id: UUID, alert_id: UUID, changes: Mapping[str, Any], now: datetime, wall: datetime
) -> Alert:
    """Sets what `changes` names: fields of the rhythm, `params`, `channels`, or `state` (active or paused)."""
    with transaction.atomic():
        alert = alert_of(owner_id, alert_id, lock=True)
        for name in ("params", *_CHANGEABLE):
            if name in changes:
                setattr(alert, name, changes[name])
        alert.params = condition_for(alert.kind, alert.params, alert.hysteresis).params
        _check(alert, now, changes)
        resumed = _set_state(alert, changes["state"], now) if "state" in changes else False
        _go_on(alert, now, anew=any(name in changes for name in _WAITED_FOR), resumed=resumed)
        alert.changed_at = wall
        alert.save()
        if "channels" in changes:
            choose_channels(alert, changes["channels"])
    return alert


def delete_alert(*, owner_id: UUID, alert_id: UUID) -> None:
    """Its events stay in the inbox."""
    with transaction.atomic():
        alert_of(owner_id, alert_id, lock=True).delete()


def _check_subject(wanted: Wanted) -> None:
    if wanted.kind in OF_PORTFOLIOS and (wanted.portfolio is None or wanted.token is not None):
        raise BadInput.at("portfolio_id", "This kind looks at a portfolio: name one of yours, and no token.")
    if wanted.kind not in OF_PORTFOLIOS and (wanted.token is None or wanted.portfolio is not None):
        raise BadInput.at("symbol", "This kind looks at a token: name one, and no portfolio.")


def _check(alert: Alert, now: datetime, changes: Mapping[str, Any] | None = None) -> None:
    """Times that are set must be still to come."""
    for name in ("expires_at", "snoozed_until"):
        moment = getattr(alert, name)
        if moment is not None and moment <= now and (changes is None or name in changes):
            raise BadInput.at(name, "Write a time that is still to come.")
    if (alert.quiet_from is None) != (alert.quiet_to is None) or (
        alert.quiet_from is not None and alert.quiet_from == alert.quiet_to
    ):
        raise BadInput.at("quiet_hours", "Write two different times, or none.")


def _set_state(alert: Alert, wanted: str, now: datetime) -> bool:
    """Whether it waits again from now on."""
    if wanted not in _SETTABLE:
        raise BadInput.at("state", "Choose active or paused.")
    if wanted == Alert.State.ACTIVE and alert.expires_at is not None and alert.expires_at <= now:
        raise BadInput.at("expires_at", "It has ended; write a time that is still to come, or none.")
    begins = wanted == Alert.State.ACTIVE and alert.state != Alert.State.ACTIVE
    alert.state = wanted
    return begins


def _refuse_too_many(owner: User) -> None:
    most = MOST_ALERTS[User.Plan(owner.plan)]
    if Alert.objects.filter(owner=owner).count() >= most:
        raise Conflict(f"Your plan has {most} alerts. Delete one first.")


def _begin(alert: Alert, now: datetime) -> None:
    """Its gauge, and what is to be remembered before the first reading."""
    alert.gauge = gauge_for(alert)
    alert.stand(Standing(memory=_first_memory(alert, now)))


def _go_on(alert: Alert, now: datetime, *, anew: bool, resumed: bool) -> None:
    """Anew where it waits for something else. One that waits again counts from where its number stands now; where that
    tells nothing, what it remembered holds: a level that it spoke of already is not news."""
    vars(alert).pop("condition", None)
    alert.gauge = gauge_for(alert)
    memory = alert.memory
    if anew or resumed:
        memory = _first_memory(alert, now) or ("" if anew else memory)
    alert.stand(Standing(memory=memory, state=alert.state, last_event_at=alert.last_event_at))


def _first_memory(alert: Alert, now: datetime) -> str:
    """Of where its number stands now, where that is known."""
    value = alert.gauge.value
    if value is None:
        readings = new_readings(alert.gauge.feed, [alert.gauge], now).get(alert.gauge_id)
        if not readings:
            return ""
        value = readings[-1].value
        _look_from(alert.gauge, readings[-1].at)
    return alert.condition.remembers(value)


def _look_from(gauge: Gauge, newest: datetime) -> None:
    """A gauge that nobody looked at yet begins with its newest reading: what was before the alert is no news."""
    if gauge.observed_at is None:
        gauge.observed_at = newest - timedelta(microseconds=1)
        Gauge.objects.filter(pk=gauge.pk, observed_at=None).update(observed_at=gauge.observed_at)
