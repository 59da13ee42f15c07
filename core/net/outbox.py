"""Outgoing mail where no server is named: kept as files that the developer reads, and written to the console."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from core.lib.clock import wall_now

MOST_KEPT = 100


class OutboxBackend(BaseEmailBackend):
    """Writes each message to `settings.OUTBOX`, readable by its owner alone, and drops the oldest."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number, message in enumerate(email_messages):
            file = folder / f"{wall_now():%Y%m%dT%H%M%S.%f}-{number}.eml"
            file.touch(mode=0o600)
            file.write_bytes(message.message().as_bytes())
            if settings.DEBUG:
                _say(message)
        for old in sorted(folder.glob("*.eml"))[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
        return len(email_messages)


@dataclass(frozen=True)
class KeptMessage:
    """A message as it was sent."""

    sent_at: datetime
    to: str
    subject: str
    text: str


def kept_messages() -> list[KeptMessage]:
    """Newest first."""
    return [_read(file) for file in sorted(_folder().glob("*.eml"), reverse=True)]


def _read(file: Path) -> KeptMessage:
    message: Any = message_from_bytes(file.read_bytes(), _class=ParsedMessage, policy=policy.default)
    body = message.get_body(("plain",))
    return KeptMessage(
        sent_at=parsedate_to_datetime(message["Date"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=body.get_content() if body else "",
    )


def _say(message: EmailMessage) -> None:
    sys.stdout.write(f"\nMail to {', '.join(message.to)}: {message.subject}\n\n{message.body}\n")
    sys.stdout.flush()


def _folder() -> Path:
    return Path(settings.OUTBOX)
