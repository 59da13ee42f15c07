"""Parses `/coins/{id}`: description and links of a token, as plain text and plain addresses."""

import html
import re
from typing import Any

from core.lib.errors import ReplyRefused
from markets.providers.base import DetailsRecord
from markets.providers.reading import text, web_address

_LONGEST_DESCRIPTION = 5000
_MARKUP = re.compile(r"<[^<>]{0,2000}>")
_MINT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,64}")


def parse_details(body: Any, coingecko_id: str) -> DetailsRecord:
    if not isinstance(body, dict) or body.get("id") != coingecko_id:
        raise ReplyRefused(f"CoinGecko's details are not those of {coingecko_id}; nothing of them is used.")
    links, image = _object(body.get("links")), _object(body.get("image"))
    return DetailsRecord(
        coingecko_id=coingecko_id,
        description=_plain(_object(body.get("description")).get("en")),
        links={name: address for name, address in _addresses(links).items() if address},
        image_url=web_address(image.get("large")) or web_address(image.get("small")),
        mint=_mint(_object(body.get("platforms")).get("solana")),
    )


def _addresses(links: dict[str, Any]) -> dict[str, str]:
    return {
        "homepage": _first(links.get("homepage")),
        "whitepaper": web_address(links.get("whitepaper")) or _first(links.get("whitepaper")),
        "explorer": _first(links.get("blockchain_site")),
        "forum": _first(links.get("official_forum_url")),
        "chat": _first(links.get("chat_url")),
        "announcements": _first(links.get("announcement_url")),
        "x": _profile("https://x.com/", links.get("twitter_screen_name")),
        "telegram": _profile("https://t.me/", links.get("telegram_channel_identifier")),
        "reddit": web_address(links.get("subreddit_url")),
        "code": _first(_object(links.get("repos_url")).get("github")),
    }


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> str:
    addresses = value if isinstance(value, list) else []
    return next((found for found in map(web_address, addresses) if found), "")


def _profile(site: str, handle: Any) -> str:
    return site + handle if isinstance(handle, str) and _HANDLE.fullmatch(handle) else ""


def _mint(value: Any) -> str:
    return value if isinstance(value, str) and _MINT.fullmatch(value) else ""


def _plain(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    return text(html.unescape(_MARKUP.sub(" ", value[: 4 * _LONGEST_DESCRIPTION])), _LONGEST_DESCRIPTION)
