"""Slack, by an incoming webhook. `&`, `<` and `>` are its control characters: escaped, nothing in a note mentions
anybody or makes a link. https://docs.slack.dev/messaging/formatting-message-text/
"""

import re

from alerts.channels.base import (
    Channel,
    Message,
    Outcome,
    Place,
    Post,
    Target,
    as_json,
    asked,
    by_status,
    cut,
    one_line,
)
from alerts.channels.hooks import hook_place
from alerts.channels.wording import footer, lines
from core.net.reply import Reply

HOSTS = {"hooks.slack.com"}
MOST = 2900
"""A section of a message holds 3,000 characters."""
_PATH = re.compile(r"/services/(T[A-Z0-9]+)/(B[A-Z0-9]+)/[A-Za-z0-9]{10,100}", re.ASCII)
_MARKS = re.compile(r"([*_~`])")
_INVISIBLE = "\u200b"


class Slack(Channel):
    kind, label = "slack", "Slack"

    def place(self, written: str) -> Place:
        place, path = hook_place(written, HOSTS, _PATH, "https://hooks.slack.com/services/…")
        return Place(address=written.strip(), shown=f"Webhook …{path[2][-4:]}", host=place.host)

    def send(self, target: Target, message: Message, post: Post) -> Outcome:
        body = as_json(body_of(message))
        headers = {"Content-Type": "application/json"}
        return asked("Slack", lambda: post(target.address, body, headers), _judged)


def body_of(message: Message) -> dict[str, object]:
    """`text` is what notifications show; the section is what the channel shows."""
    told = "\n".join([f"*{escaped(message.title)}*", *map(escaped, lines(message))])
    link = f"<{message.link}|Open Khalsi>" + (f" · {escaped(message.market)}" if message.market else "")
    return {
        "text": cut(escaped(f"{message.title} ({footer(message)})"), 300),
        "blocks": [_section(_cut_between_marks(told)), _section(link)],
        "unfurl_links": False,
    }


def escaped(text: str) -> str:
    plain = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(rf"{_INVISIBLE}\1{_INVISIBLE}", plain)


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _cut_between_marks(text: str) -> str:
    """At the end of a line, so that no escape is torn."""
    if len(text) <= MOST:
        return text
    return text[:MOST].rpartition("\n")[0] + "\n…"


def _judged(reply: Reply) -> Outcome:
    said = reply.body[:80].decode("ascii", "replace") if reply.status >= 400 else ""
    return by_status("Slack", reply, one_line(said))
