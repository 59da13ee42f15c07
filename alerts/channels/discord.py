"""Discord, by a webhook that its owner makes in the settings of a text channel.

https://github.com/discord/discord-api-docs: an embed's title holds 256 characters, its description 4096, all of them
6000. Nobody is ever mentioned, whatever a note says.
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
    json_of,
    one_line,
    seconds_in,
)
from alerts.channels.hooks import hook_place
from alerts.channels.wording import footer, lines
from core.net.reply import Reply

HOSTS = {"discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"}
_PATH = re.compile(r"/api(/v[0-9]+)?/webhooks/([0-9]{5,25})/[A-Za-z0-9_-]{20,200}", re.ASCII)
_MARKS = re.compile(r"([\\`*_~|>\[\]()#@<:-])")
_INVISIBLE = "\u200b"


class Discord(Channel):
    kind, label = "discord", "Discord"

    def place(self, written: str) -> Place:
        place, path = hook_place(written, HOSTS, _PATH, "https://discord.com/api/webhooks/…")
        return Place(address=written.strip(), shown=f"Webhook …{path[2][-4:]}", host=place.host)

    def send(self, target: Target, message: Message, post: Post) -> Outcome:
        body = as_json(body_of(message))
        address = f"{target.address}?wait=true"  # else a message that is not kept answers like one that is
        return asked("Discord", lambda: post(address, body, {"Content-Type": "application/json"}), _judged)


def body_of(message: Message) -> dict[str, object]:
    embed = {
        "title": cut(escaped(message.title), 256),
        "description": cut("\n".join(escaped(line) for line in lines(message)), 4000),
        "url": message.link,
        "footer": {"text": cut(footer(message), 200)},
    }
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def escaped(text: str) -> str:
    """Markdown, mentions and links show as they were written."""
    return _MARKS.sub(r"\\\1", one_line(text)).replace("://", f":{_INVISIBLE}//")


def _judged(reply: Reply) -> Outcome:
    said = json_of(reply)
    outcome = by_status(
        "Discord", reply, one_line(str(said.get("message", "")))[:100] if reply.status >= 400 else ""
    )
    if reply.status != 429:
        return outcome
    wait = seconds_in(said.get("retry_after"))
    return Outcome(
        "later",
        outcome.said,
        429,
        wait if wait is not None else outcome.retry_after,
        said.get("global") is True,
    )
