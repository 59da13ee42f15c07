"""The jobs of alerts: words in, a service call, a line of log out. Each can run twice and be lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import shared_task

from alerts.channels import CHANNELS
from alerts.models import Gauge
from alerts.selectors.deliveries import channels_owed, kinds_of, next_due
from alerts.services import evaluating, expiring, gauges, learning
from alerts.services.delivering import deliver_due
from alerts.services.delivering.backoff import SOON
from alerts.services.forgetting import forget_deliveries
from core.jobs.slots import claim, running
from core.jobs.tasks import JobTask
from core.lib.clock import market_now, wall_now

log = structlog.get_logger(__name__)
_AFTERWARDS = timedelta(milliseconds=50)
"""A worker that is woken a hair too early finds nothing due."""


@shared_task(base=JobTask, name="alerts.evaluate")
def evaluate(feed: str, token_ids: Sequence[int] | None = None) -> None:
    events = evaluating.evaluate(feed, now=market_now(), wall=wall_now(), token_ids=token_ids)
    if events:
        log.info("alerts_fired", feed=feed, events=len(events))


@shared_task(base=JobTask, name="alerts.sweep")
def sweep(slot: str = "") -> None:
    """Each minute: what a lost message left out, prices that went stale, and alerts whose time is over."""
    run = claim("alerts", datetime.fromisoformat(slot) if slot else None)
    if run is None:
        return
    with running(run):
        ended = expiring.end_expired(market_now(), wall_now())
        found = sum(
            len(evaluating.evaluate(feed, now=market_now(), wall=wall_now())) for feed in Gauge.Feed.values
        )
        gauges.drop_unused(wall_now())
        run.detail = f"{found} found, {ended} ended"


@shared_task(base=JobTask, name="alerts.deliver")
def deliver(channel_id: str) -> None:
    """What a channel is owed. Where it is much, other channels have their turn in between; what failed and is due soon
    again wakes a worker then. Who tried nothing wakes nobody, so that there is never more than one for each attempt."""
    channel = UUID(channel_id)
    turn = deliver_due(channel)
    if turn.is_cut_short:
        wake_deliverers([channel])
    elif turn.tried and (due := next_due(channel)) and due <= wall_now() + SOON:
        wake_deliverers([channel], at=due)


@shared_task(base=JobTask, name="alerts.sweep_deliveries")
def sweep_deliveries(slot: str = "") -> None:
    """Each minute: messages whose time has come, and those that a lost message or a dead worker left behind."""
    forget_deliveries(wall_now())
    if learning.is_expecting(wall_now()):
        learn_chats.delay()
    owed = channels_owed(wall_now())
    wake_deliverers(owed)
    if owed:
        log.info("deliveries_swept", channels=len(owed))


@shared_task(base=JobTask, name="alerts.learn_chats")
def learn_chats() -> None:
    """Who sent the site's bot a code: these chats are confirmed."""
    if found := learning.learn_chats(wall_now()):
        log.info("chats_confirmed", chats=found)


def wake_deliverers(channel_ids: list[UUID], at: datetime | None = None) -> None:
    """Now, or at a moment soon. Addresses that users name have workers of their own."""
    eta = at + _AFTERWARDS if at else None
    for channel_id, kind in kinds_of(channel_ids).items():
        queue = "hooks" if CHANNELS[kind].is_user_given else "deliver"
        deliver.apply_async((str(channel_id),), queue=queue, eta=eta)
