"""Notification channels of users: added, confirmed, tried out, given a new secret, removed.

A channel counts once its owner shows that he reads what comes there: he enters the code that was sent, sends the bot
the code, or has an address that answers it. An account's own confirmed address needs no code.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.selectors.users import account_of
from accounts.services.audit import NOWHERE, Action, Origin
from alerts import events as announced
from alerts.channels import offered
from alerts.channels.base import Place
from alerts.channels.signing import new_secret
from alerts.models import Delivery, NotificationChannel
from alerts.services.confirming import confirm, note
from alerts.services.delivering.owing import owe_message
from alerts.services.limits import count_message
from alerts.services.sealed import ADDRESS, CODE, OLD_SECRET, SECRET
from core.lib.errors import BadInput, Conflict, NotFound

Kind, State, Purpose = NotificationChannel.Kind, NotificationChannel.State, Delivery.Purpose
MOST_CHANNELS = {User.Plan.FREE: 5, User.Plan.PRO: 20}
CODE_LIFETIME = timedelta(minutes=30)
MOST_TRIES = 5
OLD_SECRET_LIFETIME = timedelta(days=1)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Added:
    """A channel that was made. `secret` verifies the signatures of a webhook, and is shown this once; `code` is what
    its owner sends to the bot."""

    channel: NotificationChannel
    secret: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


def add_channel(
    *, owner_id: UUID, kind: str, name: str, address: str, now: datetime, origin: Origin = NOWHERE
) -> Added:
    """Raises BadInput for what cannot be, Conflict where the plan is used up."""
    client = offered().get(kind)
    if client is None:
        raise BadInput.at("kind", f"Choose one of {', '.join(offered())}.")
    place = client.place(address) if kind != Kind.TELEGRAM else None
    with transaction.atomic():
        owner = account_of(owner_id, locked=True)  # so that two at once are not one too many
        _refuse_too_many(owner)
        channel = NotificationChannel(owner=owner, kind=kind, name=name, created_at=now)
        secret = _equip(channel, place)
        if place and kind == Kind.EMAIL and owner.email_verified and place.address == owner.email:
            channel.state, channel.verified_at = State.ACTIVE, now
            code = ""
        else:
            code = _put_code(channel, now)
        channel.save(force_insert=True)
        note(Action.CHANNEL_ADDED, channel, now, origin)
        if code and place:
            count_message(owner_id, place.address)
            owe_message(channel, Purpose.VERIFY, now)
        elif not place:
            _ask_the_bot()
    return Added(channel, secret, "" if place else code)


def send_code(*, owner_id: UUID, channel_id: UUID, now: datetime) -> Added:
    """A new code for a channel that waits, or that was switched off."""
    with transaction.atomic():
        channel = _own(owner_id, channel_id)
        if channel.state == State.ACTIVE:
            raise Conflict("This channel is confirmed already.")
        count_message(owner_id, ADDRESS.get(channel) if channel.sealed_address else str(channel.id))
        code = _put_code(channel, now)
        channel.save(update_fields=["sealed_code", "code_until", "code_tries"])
        if channel.kind == Kind.TELEGRAM:
            return Added(channel, code=code)
        unsent = Delivery.objects.filter(
            channel=channel, purpose=Purpose.VERIFY, state=Delivery.State.WAITING
        )
        if not unsent.exists():  # it tells the newest code whenever it goes out
            owe_message(channel, Purpose.VERIFY, now)
    return Added(channel)


def verify(
    *, owner_id: UUID, channel_id: UUID, code: str, now: datetime, origin: Origin = NOWHERE
) -> NotificationChannel:
    """Confirm with the code that came; a few wrong ones end it, and a new one must be asked for."""
    with transaction.atomic():
        channel = _own(owner_id, channel_id)
        if channel.state == State.ACTIVE:
            return channel
        if not channel.sealed_code or channel.code_until is None or channel.code_until <= now:
            raise BadInput.at("code", "This code is over. Ask for a new one.")
        if channel.kind == Kind.TELEGRAM:  # its code says nothing here: it counts once the bot got it
            _ask_the_bot()
            return channel
        is_right = secrets.compare_digest(CODE.get(channel).encode(), code.strip().lower().encode())
        if is_right:
            confirm(channel, now, origin)
        else:
            _count_try(channel)
    if not is_right:
        raise BadInput.at("code", "This code is wrong.")
    return channel


def send_test(*, owner_id: UUID, channel_id: UUID, now: datetime) -> Delivery:
    with transaction.atomic():
        channel = _own(owner_id, channel_id)
        if channel.state != State.ACTIVE:
            raise Conflict("Confirm this channel first.")
        count_message(owner_id, ADDRESS.get(channel))
        return owe_message(channel, Purpose.TEST, now)


def rotate_secret(*, owner_id: UUID, channel_id: UUID, now: datetime, origin: Origin = NOWHERE) -> Added:
    """A new signing secret; the one before signs beside it for a day."""
    with transaction.atomic():
        channel = _own(owner_id, channel_id)
        if channel.kind != Kind.WEBHOOK:
            raise Conflict("Only webhooks have a signing secret.")
        OLD_SECRET.put(channel, SECRET.get(channel))
        channel.old_secret_until = now + OLD_SECRET_LIFETIME
        secret = new_secret()
        SECRET.put(channel, secret)
        channel.save(update_fields=["sealed_secret", "sealed_old_secret", "old_secret_until"])
        note(Action.CHANNEL_SECRET, channel, now, origin)
    return Added(channel, secret)


def remove_channel(*, owner_id: UUID, channel_id: UUID, now: datetime, origin: Origin = NOWHERE) -> None:
    """With all that it was owed and told."""
    with transaction.atomic():
        channel = _own(owner_id, channel_id)
        note(Action.CHANNEL_REMOVED, channel, now, origin)
        channel.delete()


def code_for_bot(channel: NotificationChannel, now: datetime) -> str:
    """What its owner sends to the site's bot; empty where nothing is asked of him there."""
    is_waiting = channel.state != State.ACTIVE and channel.code_until is not None and channel.code_until > now
    return CODE.get(channel) if channel.kind == Kind.TELEGRAM and is_waiting and channel.sealed_code else ""


def _own(owner_id: UUID, channel_id: UUID) -> NotificationChannel:
    """Held until the transaction ends."""
    own = NotificationChannel.objects.select_for_update().filter(id=channel_id, owner_id=owner_id).first()
    if own is None:
        raise NotFound("There is no such channel.")
    return own


def _equip(channel: NotificationChannel, place: Place | None) -> str:
    """Its address, where one was written, and what signs its messages, which is returned."""
    if place:
        ADDRESS.put(channel, place.address)
        channel.shown, channel.host = place.shown, place.host
    secret = new_secret() if channel.kind == Kind.WEBHOOK else ""
    if secret:
        SECRET.put(channel, secret)
    return secret


def _put_code(channel: NotificationChannel, now: datetime) -> str:
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    CODE.put(channel, code)
    channel.code_until, channel.code_tries = now + CODE_LIFETIME, 0
    return code


def _ask_the_bot() -> None:
    transaction.on_commit(lambda: announced.bot_was_told.send(sender=NotificationChannel))


def _count_try(channel: NotificationChannel) -> None:
    channel.code_tries += 1
    if channel.code_tries >= MOST_TRIES:
        channel.sealed_code, channel.code_until = "", None
    channel.save(update_fields=["code_tries", "sealed_code", "code_until"])


def _refuse_too_many(owner: User) -> None:
    most = MOST_CHANNELS[User.Plan(owner.plan)]
    if NotificationChannel.objects.filter(owner=owner).count() >= most:
        raise Conflict(f"Your plan has {most} channels. Remove one first.")
