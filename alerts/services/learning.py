"""What the site's bot is told on Telegram: codes, by which chats become channels."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet

from alerts.channels.base import Post
from alerts.channels.telegram import Started, Telegram, bot_name, started_chats
from alerts.models import NotificationChannel
from alerts.services.confirming import confirm
from alerts.services.sealed import ADDRESS, CODE
from core.lib.errors import KhalsiError
from core.net.guard import OutsideClient, Rules

BOT = "alerts:bot-name"
ONE_DAY = 86_400
log = structlog.get_logger(__name__)
State = NotificationChannel.State


def learn_chats(now: datetime, post: Post | None = None) -> int:
    """Ask the bot who wrote to it; how many channels that confirmed.

    What is learnt is stored before Telegram is told to forget it: a kill in between learns it again, which changes
    nothing.
    """
    if not is_expecting(now):
        return 0
    post = post or OutsideClient(Rules(anywhere=True)).post
    _note_name(post)
    try:
        started, following = started_chats(post)
        count = sum(_take(one, now) for one in started)
        if following > 0:
            started_chats(post, following)
    except KhalsiError as error:
        log.warning("telegram_not_asked", error=type(error).__name__)
        return 0
    return count


def is_expecting(now: datetime) -> bool:
    """Whether any channel waits for a code that somebody is to send to the bot."""
    return bool(settings.TELEGRAM_BOT_TOKEN) and _waiting(now).exists()


def deep_link(code: str) -> str:
    """Opens the chat with the bot, ready to start; empty until a worker has asked the bot for its name."""
    name = cache.get(BOT)
    return f"https://t.me/{name}?start={code}" if name else ""


def _note_name(post: Post) -> None:
    if not cache.get(BOT) and (name := bot_name(post)):
        cache.set(BOT, name, ONE_DAY)


def _waiting(now: datetime) -> QuerySet[NotificationChannel]:
    codes = NotificationChannel.objects.filter(kind=Telegram.kind, code_until__gt=now)
    return codes.exclude(sealed_code="").exclude(state=State.ACTIVE)


def _take(started: Started, now: datetime) -> bool:
    channel_id = next((one.id for one in _waiting(now) if CODE.get(one) == started.code.lower()), None)
    return channel_id is not None and _confirm(channel_id, started, now)


def _confirm(channel_id: UUID, started: Started, now: datetime) -> bool:
    with transaction.atomic():
        channel = _waiting(now).select_for_update().filter(id=channel_id).first()
        if channel is None:
            return False
        place = Telegram().place(started.chat)
        ADDRESS.put(channel, place.address)
        channel.shown, channel.host = place.shown, place.host
        confirm(channel, now)
        return True
