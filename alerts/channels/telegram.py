"""Telegram, by the bot of this site. A chat is known by its number, which the bot learns when somebody sends it
`/start CODE`. https://core.telegram.org/bots/api

Text is HTML, in which three characters are escaped. An answer says `ok`, or `error_code`, `description` and perhaps
`parameters.retry_after`.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from alerts.channels.base import (
    Channel,
    Message,
    Outcome,
    Place,
    Post,
    Target,
    as_json,
    asked,
    bad_address,
    by_status,
    cut,
    json_of,
    one_line,
    seconds_in,
)
from alerts.channels.wording import footer, lines
from core.lib.errors import KhalsiError
from core.net.reply import Reply

MOST = 4000
"""A message holds 4,096 characters once its marks are read."""
_CHAT = re.compile(r"-?[1-9][0-9]{0,18}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_]{3,64}", re.ASCII)
_CODE = re.compile(r"/start ([A-Za-z0-9_-]{4,64})", re.ASCII)
_GONE_400 = ("chat not found", "user is deactivated", "group chat was upgraded", "bot was kicked")
_TO_LEARN = 100


class Telegram(Channel):
    kind, label = "telegram", "Telegram"
    is_operators = True

    def place(self, written: str) -> Place:
        chat = written.strip()
        if not _CHAT.fullmatch(chat):
            raise bad_address("A chat of Telegram is a number, which the bot learns by itself.")
        return Place(address=chat, shown=f"Chat …{chat[-4:]}", host="api.telegram.org")

    def send(self, target: Target, message: Message, post: Post) -> Outcome:
        body = as_json(body_of(target.address, message))
        return asked("Telegram", lambda: called("sendMessage", body, post), _judged)


@dataclass(frozen=True)
class Started:
    """Somebody sent the bot a code from this chat."""

    chat: str
    code: str


def called(method: str, body: bytes, post: Post) -> Reply:
    """The bot's token is in the address, and so in nothing that is told."""
    address = f"{settings.TELEGRAM_API_URL}/bot{settings.TELEGRAM_BOT_TOKEN}/{method}"
    return post(address, body, {"Content-Type": "application/json"})


def started_chats(post: Post, offset: int = 0) -> tuple[list[Started], int]:
    """Codes that were sent to the bot, and from where to ask on; raises SourceFailure where nobody answers.

    Telegram keeps what it told until it is asked from a later offset, so a kill in between loses none.
    """
    body = as_json({"offset": offset, "limit": _TO_LEARN, "timeout": 0, "allowed_updates": ["message"]})
    updates = json_of(called("getUpdates", body, post)).get("result")
    found, last = [], offset - 1
    for update in updates if isinstance(updates, list) else []:
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            continue
        last = max(last, update["update_id"])
        one = _started(update.get("message"))
        if one:
            found.append(one)
    return found, last + 1


def bot_name(post: Post) -> str:
    """What the deep link needs; empty where the bot cannot be asked now."""
    try:
        result = json_of(called("getMe", b"{}", post)).get("result")
    except KhalsiError:
        return ""
    name = result.get("username") if isinstance(result, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def body_of(chat: str, message: Message) -> dict[str, object]:
    title = f"<b>{escaped(cut(message.title, 300))}</b>"
    end = f'<a href="{html.escape(message.link)}">Open Khalsi</a> · {escaped(footer(message))}'
    room = MOST - len(message.title) - 200
    told: list[str] = []
    for line in lines(message):
        room -= len(line) + 1
        if room < 0:
            told.append("…")
            break
        told.append(escaped(line))
    return {
        "chat_id": int(chat),
        "text": "\n".join([title, *told, "", end]),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def escaped(text: str) -> str:
    return html.escape(one_line(text), quote=False)


def _started(said: Any) -> Started | None:
    if not isinstance(said, Mapping) or not isinstance(said.get("chat"), Mapping):
        return None
    chat, text = said["chat"].get("id"), said.get("text")
    match = _CODE.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match or isinstance(chat, bool) or not isinstance(chat, int):
        return None
    return Started(str(chat), match[1])


def _judged(reply: Reply) -> Outcome:
    """A wrong token is the operator's fault: messages wait until it is right."""
    answer = json_of(reply)
    said = one_line(str(answer.get("description", "")))[:120]
    outcome = by_status("Telegram", reply, said if reply.status >= 400 else "")
    if reply.status == 200 and answer.get("ok") is not True:
        return Outcome("later", "Telegram answered something else than it should.", 200)
    if reply.status in {401, 404}:
        return Outcome("later", "The site's bot cannot be used now.", reply.status, holds_all=True)
    if reply.status == 400 and any(sign in said.lower() for sign in _GONE_400):
        return Outcome("gone", outcome.said, 400)
    if reply.status == 429:
        parameters = answer.get("parameters")
        wait = seconds_in(parameters.get("retry_after")) if isinstance(parameters, Mapping) else None
        return Outcome("later", outcome.said, 429, wait if wait is not None else outcome.retry_after)
    return outcome
