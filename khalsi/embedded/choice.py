"""The choice of the market at the first start, and its memory."""

import json
import os
import sys
from typing import NoReturn

import requests
from django.conf import settings

from khalsi.settings.sources import LIVE, MARKET_MEMORY, REPLAY

PATIENCE_SECONDS = 4


def coingecko_answers() -> bool:
    """Whether CoinGecko can be reached from here at all; a refusal or a limit counts as an answer."""
    try:
        reply = requests.get(
            f"{settings.MARKET.coingecko_url}/ping", timeout=PATIENCE_SECONDS, allow_redirects=False
        )
    except requests.RequestException:
        return False
    return reply.status_code < 500


def remember_market() -> None:
    market = settings.MARKET
    memory = {"source": "coingecko" if market.kind == LIVE else "sandbox"}
    if market.kind == REPLAY:
        memory = {"replay": str(market.replay), "speed": str(market.speed)}
    MARKET_MEMORY.parent.mkdir(parents=True, exist_ok=True)
    partial = MARKET_MEMORY.with_suffix(".part")
    partial.write_text(json.dumps(memory))
    partial.replace(MARKET_MEMORY)


def start_again_with(source: str) -> NoReturn:
    """Settings were read for another market; begin anew with the right ones."""
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "SOURCE": source})  # noqa: S606  ourselves
