"""The kinds of notification channels, by name."""

from django.conf import settings

from alerts.channels.base import Channel
from alerts.channels.discord import Discord
from alerts.channels.email import Email
from alerts.channels.slack import Slack
from alerts.channels.telegram import Telegram
from alerts.channels.webhook import Webhook

CHANNELS: dict[str, Channel] = {
    channel.kind: channel for channel in (Email(), Telegram(), Discord(), Slack(), Webhook())
}


def offered() -> dict[str, Channel]:
    """Those that this site can reach: Telegram needs a bot."""
    return {
        kind: channel
        for kind, channel in CHANNELS.items()
        if kind != Telegram.kind or settings.TELEGRAM_BOT_TOKEN
    }
