"""New readings against the alerts that they could change: events, inbox and what is owed, in one transaction.

1. The gauges of what changed are locked, in one order, so that every reading is judged by one evaluator.
2. Their new readings are taken from the tables, however many messages about them were lost or repeated.
3. An index finds the alerts that these readings could wake; the others cost nothing.
4. Those are judged by their condition and rhythm, and what came true is stored together with who must be told.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from alerts.conditions.reading import Reading
from alerts.conditions.rhythm import Standing, play
from alerts.events import events_stored
from alerts.models import Alert, Event, Gauge
from alerts.selectors.readings import Readings, new_readings
from alerts.selectors.waking import wakened
from alerts.services.storing import remember_readings, store_events, store_standings
from markets.models import Token
from portfolios.models import Holding

GAUGES_AT_ONCE, TOLD_AT_ONCE = 500, 1000
"""So many are held together: a transaction stays short, whatever changed."""


def evaluate(
    feed: str, *, now: datetime, wall: datetime, token_ids: Iterable[int] | None = None
) -> list[Event]:
    """What came true by the readings that nobody judged yet; of every token where none is named.

    `now` is market time. Can be run twice, and by many at once.
    """
    gauges = Gauge.objects.filter(feed=feed, unused_since=None)
    if token_ids is not None:
        gauges = gauges.filter(_about(feed, list(token_ids)))
    ids = list(gauges.order_by("id").values_list("id", flat=True))
    events: list[Event] = []
    for some in _in_parts(ids):
        events += _evaluate(feed, some, now, wall)
    return events


def _about(feed: str, token_ids: list[int]) -> Q:
    """Gauges of these tokens, or of portfolios that hold any of them."""
    if feed != Gauge.Feed.PORTFOLIOS:
        return Q(token_id__in=token_ids)
    assets = Token.objects.filter(pk__in=token_ids).values("coingecko_id")
    holding = Holding.objects.filter(portfolio=OuterRef("portfolio"), asset__in=assets, quantity__gt=0)
    return Q(Exists(holding))


def _in_parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + GAUGES_AT_ONCE] for start in range(0, len(ids), GAUGES_AT_ONCE))


@transaction.atomic
def _evaluate(feed: str, gauge_ids: Sequence[int], now: datetime, wall: datetime) -> list[Event]:
    # "No key": whoever makes an alert on a gauge meanwhile need not wait.
    gauges = list(Gauge.objects.select_for_update(no_key=True).filter(id__in=gauge_ids).order_by("id"))
    readings = new_readings(feed, gauges, now)
    if not readings:
        return []
    remember_readings(readings)
    events = _judge(wakened(list(readings)), readings, wall)
    if events:
        transaction.on_commit(lambda: _announce([event.id for event in events]))
    return events


def _judge(alerts: Sequence[Alert], readings: Readings, wall: datetime) -> list[Event]:
    changed: list[Alert] = []
    spoken: list[tuple[Alert, Reading]] = []
    for alert in alerts:
        before = alert.standing
        after, said = play(alert.condition, alert.rhythm, before, readings[alert.gauge_id])
        if said or _differs(before, after):
            alert.stand(after)
            changed.append(alert)
            spoken += [(alert, reading) for reading in said]
    store_standings(changed)
    return store_events(spoken, wall)


def _differs(before: Standing, after: Standing) -> bool:
    return (before.memory, before.state) != (after.memory, after.state)


def _announce(event_ids: list[UUID]) -> None:
    for start in range(0, len(event_ids), TOLD_AT_ONCE):
        events_stored.send(sender=Event, event_ids=event_ids[start : start + TOLD_AT_ONCE])
