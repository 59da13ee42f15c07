"""Mail to users: owed in the transaction of what it tells of, sent by a worker, swept up where that was lost.

Subjects are fixed and links begin with SITE_URL: nothing that somebody else wrote reaches a header or a link.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string

from accounts import events
from accounts.models import Mail, User
from accounts.services.audit import NOWHERE, Origin
from accounts.services.one_time_tokens import LIFETIMES, Purpose, issue

Kind = Mail.Kind
CLAIM_SECONDS = 300
GIVEN_UP_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Letter:
    """What a kind of mail looks like: `emails/<template>.txt` and `.html`."""

    subject: str
    template: str
    what: str = ""
    path: str = ""
    purpose: Purpose | None = None


LETTERS: dict[str, Letter] = {
    Kind.VERIFY: Letter(
        "Confirm your e-mail address for Khalsi",
        "link",
        "Somebody, you we hope, made an account at Khalsi with this address. Confirm that it is yours:",
        "verify-email",
        Purpose.VERIFY,
    ),
    Kind.CHANGE_EMAIL: Letter(
        "Confirm your new e-mail address for Khalsi",
        "link",
        "You asked to use this address for your account at Khalsi. Confirm that it is yours:",
        "verify-email",
        Purpose.CHANGE_EMAIL,
    ),
    Kind.RESET: Letter(
        "Choose a new password for Khalsi",
        "link",
        "Somebody, you we hope, asked for a new password for your account at Khalsi. Choose it here:",
        "reset-password",
        Purpose.RESET,
    ),
    Kind.EMAIL_CHANGE_ASKED: Letter(
        "Your Khalsi account is to get another e-mail address",
        "notice",
        "Somebody who knows your password asked to use another address for your account. Nothing changes until the link"
        " that we sent there is followed.",
    ),
    Kind.EMAIL_CHANGED: Letter(
        "Your Khalsi account has another e-mail address",
        "notice",
        "Your account uses another e-mail address from now on. You are signed out everywhere.",
    ),
    Kind.PASSWORD_CHANGED: Letter(
        "Your Khalsi password was changed", "notice", "The password of your account was changed."
    ),
    Kind.SECOND_FACTOR_ON: Letter(
        "Your Khalsi account needs a code from now on",
        "notice",
        "A second factor was switched on. Keep its recovery codes where you find them without your phone.",
    ),
    Kind.SECOND_FACTOR_OFF: Letter(
        "Your Khalsi account needs no code any more",
        "notice",
        "The second factor of your account was switched off.",
    ),
    Kind.RECOVERY_CODES_RENEWED: Letter(
        "New recovery codes for your Khalsi account",
        "notice",
        "New recovery codes were made. The old ones count no more.",
    ),
    Kind.API_KEY_MADE: Letter(
        "A new API key for your Khalsi account",
        "notice",
        "An API key was made for your account. You can revoke it on the page of your account.",
    ),
    Kind.ACCOUNT_CHANGED: Letter(
        "Your Khalsi account was changed", "notice", "Khalsi’s staff changed your account."
    ),
    Kind.SESSION_THEFT: Letter(
        "A Khalsi session was ended for safety",
        "notice",
        "A token of one of your sessions was used twice, as happens when somebody copied it. The session was ended.",
    ),
    Kind.CHANNEL_OFF: Letter(
        "A channel of your Khalsi alerts was switched off",
        "channel_off",
        "Messages to one of your notification channels failed for good, so it was switched off.",
    ),
    Kind.EXCHANGE_STOPPED: Letter(
        "A connection of your Khalsi account to an exchange has stopped",
        "notice",
        "Khalsi cannot read one of your accounts at exchanges any more. Give it new keys on the page of your exchange"
        " accounts, or disconnect it there.",
    ),
    Kind.ACCOUNT_DELETED: Letter(
        "Your Khalsi account is deleted",
        "farewell",
        "Your account was deleted, with everything that was stored in it; the security log alone keeps, under a number,"
        " what was done from where. This is our last mail to you.",
    ),
}


def owe(
    user: User | None,
    kind: Kind,
    *,
    now: datetime,
    to: str = "",
    detail: str = "",
    origin: Origin = NOWHERE,
) -> None:
    """Mail for `user` (or for nobody, at the same cost), to its own address unless `to` names another."""
    words = {"detail": detail, "address": origin.address or "", "device": origin.user_agent}
    address = to or (user.email if user else "")
    mail = Mail.objects.create(user=user, to=address, kind=kind, words=words, created_at=now)
    transaction.on_commit(lambda: events.mail_owed.send(sender=Mail, mail_id=mail.id))


def send(*, mail_id: UUID, now: datetime) -> str:
    """Send it unless somebody else does or did; says what became of it.

    A repeat is only possible where a process died between the server's yes and the removal of the row.
    """
    stale = Q(claimed_at=None) | Q(claimed_at__lt=now - timedelta(seconds=CLAIM_SECONDS))
    claim = Mail.objects.filter(stale, id=mail_id).update(claimed_at=now, attempts=F("attempts") + 1)
    mail = Mail.objects.select_related("user").filter(id=mail_id).first() if claim else None
    if mail is None:
        return "not owed"
    is_nobodys = mail.user is None and mail.kind != Kind.ACCOUNT_DELETED
    said = "owed to nobody" if is_nobodys else "overtaken" if _is_overtaken(mail) else "sent"
    if said == "sent":
        _send_now(mail, now)
    mail.delete()
    return said


def _is_overtaken(mail: Mail) -> bool:
    """A link that opens the account goes to its own address: not to one that it has left meanwhile."""
    links = {Purpose.VERIFY, Purpose.RESET}
    return mail.user is not None and LETTERS[mail.kind].purpose in links and mail.to != mail.user.email


def _send_now(mail: Mail, now: datetime) -> None:
    try:
        message_of(mail, now).send()
    except Exception:
        Mail.objects.filter(id=mail.id).update(claimed_at=None)
        raise


def message_of(mail: Mail, now: datetime) -> EmailMultiAlternatives:
    letter = LETTERS[mail.kind]
    words = {
        "letter": letter,
        "site": settings.SITE_URL,
        "now": now,
        **mail.words,
        **_link(letter, mail, now),
    }
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=render_to_string(f"emails/{letter.template}.txt", words),
        to=[mail.to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"emails/{letter.template}.html", words), "text/html")
    return message


def _link(letter: Letter, mail: Mail, now: datetime) -> dict[str, Any]:
    """Made as it is sent, so that neither the table nor a task's arguments ever hold it."""
    if letter.purpose is None or mail.user is None:
        return {}
    token = issue(mail.user, letter.purpose, email=mail.to, now=now)
    return {
        "link": f"{settings.SITE_URL}/{letter.path}?token={token}",
        "until": now + LIFETIMES[letter.purpose],
    }


def still_owed(now: datetime) -> list[UUID]:
    """Mail that a lost message left behind; what nobody could send for a day is given up."""
    Mail.objects.filter(created_at__lt=now - GIVEN_UP_AFTER).delete()
    since = now - timedelta(seconds=CLAIM_SECONDS)
    waiting = Mail.objects.filter(Q(claimed_at=None) | Q(claimed_at__lt=since), created_at__lt=since)
    return list(waiting.order_by("created_at").values_list("id", flat=True)[:500])
