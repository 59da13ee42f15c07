"""E-mail, through the server that the operator names. Nothing that a user wrote stands in a header but the address,
and that was confirmed before."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.models.names import normal_email, validate_address
from alerts.channels.base import Channel, Message, Outcome, Place, Post, Target, bad_address
from alerts.channels.wording import footer, lines

SUBJECTS = {
    "alert": "An alert of yours at Khalsi",
    "digest": "Alerts of yours at Khalsi",
    "test": "A test of your alerts at Khalsi",
    "verify": "Confirm this address for alerts of Khalsi",
}


class Email(Channel):
    kind, label = "email", "E-mail"

    def place(self, written: str) -> Place:
        address = normal_email(written.strip())
        try:
            validate_address(address)
        except ValidationError:
            raise bad_address("Write an e-mail address such as you@example.com.") from None
        name, _, domain = address.rpartition("@")
        return Place(address=address, shown=f"{name[:2]}…@{domain}", host=domain[:253])

    def send(self, target: Target, message: Message, post: Post) -> Outcome:
        try:
            mail_of(target, message).send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            return _by_code(max(codes, default=550), "this address")
        except smtplib.SMTPResponseException as error:
            return Outcome("later", f"The mail server answered {error.smtp_code}.", error.smtp_code)
        except (smtplib.SMTPException, OSError):
            return Outcome("later", "The mail server could not be reached.", holds_all=True)
        return Outcome("sent", "The mail server took it.")


def mail_of(target: Target, message: Message) -> EmailMultiAlternatives:
    """The Message-ID is the same on every attempt, so that a mailbox can tell a repeat."""
    link = (
        target.unsubscribe if message.kind != "verify" else ""
    )  # nothing comes yet where it is not confirmed
    words = {
        "message": message,
        "lines": lines(message),
        "footer": footer(message),
        "site": settings.SITE_URL,
        "unsubscribe": link,
    }
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mail = EmailMultiAlternatives(
        subject=SUBJECTS[message.kind],
        body=render_to_string("emails/alert.txt", words),
        to=[target.address],
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<{message.id}@{domain}>",
            **_unsubscribing(link),
        },
    )
    mail.attach_alternative(render_to_string("emails/alert.html", words), "text/html")
    return mail


def _unsubscribing(link: str) -> dict[str, str]:
    """RFC 8058: a mail program's own button, which needs no signing in. It is promised for https alone."""
    if not link:
        return {}
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if link.startswith("https:") else {}
    return {"List-Unsubscribe": f"<{link}>", **one_click}


def _by_code(code: int, what: str) -> Outcome:
    said = f"The mail server answered {code} to {what}."
    return Outcome("gone" if code >= 500 else "later", said, code)
