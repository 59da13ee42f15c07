"""What people read, the same on every channel: lines of plain text, which each channel escapes in its own way."""

from datetime import UTC

from alerts.channels.base import Happening, Message

MOST_TOLD = 25


def lines(message: Message) -> list[str]:
    """Without the title. A storm is cut to its first events and their number."""
    told = message.happenings[:MOST_TOLD]
    said = [message.text] if message.text else []
    if message.code:
        said.append(f"Your code: {message.code}")
    for one in told:
        said.extend(_of(one, alone=len(message.happenings) == 1))
    if len(message.happenings) > len(told):
        said.append(f"… and {len(message.happenings) - len(told)} more in your inbox.")
    return said


def _of(one: Happening, *, alone: bool) -> list[str]:
    at = one.fired_at.astimezone(UTC)
    said = [f"{at:%Y-%m-%d %H:%M} UTC" if alone else f"{at:%H:%M} UTC  {one.sentence}"]
    if one.note:
        said.append(f"Your note: {one.note}")
    return said


def footer(message: Message) -> str:
    return f"Khalsi · {message.market}" if message.market else "Khalsi"


def plain(message: Message) -> str:
    """Title, lines, link and footer."""
    return "\n".join([message.title, "", *lines(message), "", message.link, "", f"-- {footer(message)}"])
