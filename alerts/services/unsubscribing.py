"""A link in every mail of alerts that switches its channel off, for who cannot or will not sign in.

Mail programs follow it with one click (RFC 8058). It is signed and never ends: who finds an old mail may still want no
more of them. It opens nothing else.
"""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction

from accounts.services.audit import NOWHERE, Action, Origin
from alerts.models import NotificationChannel
from alerts.services.confirming import note
from alerts.services.switching import switch_off
from core.lib.errors import NotFound

PATH = "alerts/unsubscribe"
_SALT = "alerts.unsubscribe"
_BECAUSE = "Somebody followed the link at the end of one of its mails."


def unsubscribe_link(channel: NotificationChannel) -> str:
    """Empty for channels that are no mail."""
    if channel.kind != NotificationChannel.Kind.EMAIL:
        return ""
    return f"{settings.SITE_URL}/{PATH}?{urlencode({'token': _signer().sign(channel.id.hex)})}"


def channel_of_link(token: str) -> NotificationChannel:
    """Raises NotFound for a link that is not ours, or whose channel was removed."""
    try:
        channel_id = UUID(hex=_signer().unsign(token))
    except (BadSignature, ValueError):
        raise NotFound("This link is not one of ours.") from None
    channel = NotificationChannel.objects.filter(id=channel_id).first()
    if channel is None:
        raise NotFound("This channel was removed.")
    return channel


@transaction.atomic
def unsubscribe(token: str, now: datetime, origin: Origin = NOWHERE) -> NotificationChannel:
    """Again and again, as mail programs do; the owner finds a notice in the inbox, and gets no mail about it."""
    channel = channel_of_link(token)
    if switch_off(channel.id, because=_BECAUSE, now=now, by_mail=False):
        note(Action.CHANNEL_ENDED, channel, now, origin, by_owner=False)
    channel.refresh_from_db()
    return channel


def _signer() -> Signer:
    return Signer(salt=_SALT, sep=".")
