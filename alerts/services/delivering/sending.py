"""A leased message becomes words and goes out, outside of any transaction."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from alerts.channels import CHANNELS
from alerts.channels.base import Outcome, Post
from alerts.models import Delivery
from alerts.services.delivering.leasing import lease
from alerts.services.delivering.recording import record
from alerts.services.delivering.wording import message_of, target_of
from core.lib.clock import wall_now
from core.lib.sealing import CannotOpen
from core.net.guard import OutsideClient, Rules, rules

PATIENCE_SECONDS = 5.0
"""After so long a worker turns to other channels, whatever else waits for this one."""


class Turn(NamedTuple):
    """What a worker did for a channel: how many messages it tried, and whether more may be due already."""

    tried: int
    is_cut_short: bool


def deliver_due(
    channel_id: UUID,
    *,
    clock: Callable[[], datetime] = wall_now,
    post: Post | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Turn:
    """Send what this channel is owed now, one after the other."""
    began, tried = time.monotonic(), 0
    while (delivery := lease(channel_id, clock())) is not None:
        deliver(delivery, clock=clock, post=post)
        tried += 1
        if time.monotonic() - began > patience:
            return Turn(tried, is_cut_short=True)
    return Turn(tried, is_cut_short=False)


def deliver(delivery: Delivery, *, clock: Callable[[], datetime], post: Post | None = None) -> Outcome:
    """One attempt at a leased message, and its record."""
    kind = CHANNELS[delivery.channel.kind]
    if delivery.purpose == Delivery.Purpose.VERIFY and not delivery.channel.sealed_code:
        outcome = Outcome("refused", "Its code is over, or was entered already.")
        record(delivery, outcome, clock())
        return outcome
    try:
        target, message = target_of(delivery.channel, clock()), message_of(delivery)
    except CannotOpen:
        outcome = Outcome("later", "No key of this site opens the address of this channel.")
        record(delivery, outcome, clock())
        return outcome
    try:
        outcome = kind.send(target, message, post or _post(kind.is_operators))
    except Exception as error:
        record(delivery, Outcome("later", f"Khalsi could not write it ({type(error).__name__})."), clock())
        raise
    record(delivery, outcome, clock())
    return outcome


def _post(is_operators: bool) -> Post:
    return OutsideClient(Rules(anywhere=True) if is_operators else rules()).post
