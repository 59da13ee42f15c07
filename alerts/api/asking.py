"""From the words of a request to what services take."""

from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from alerts.services.alerts import Wanted
from markets.selectors.tokens import token_for
from portfolios.selectors.portfolios import portfolio_of


def wanted(owner_id: UUID, asked: Mapping[str, Any]) -> Wanted:
    """Raises NotFound where nobody follows the token, or the portfolio is not his."""
    words = dict(asked)
    symbol, coingecko_id = words.pop("symbol", None), words.pop("coingecko_id", None)
    portfolio_id = words.pop("portfolio_id", None)
    return Wanted(
        token=token_for(symbol, coingecko_id) if symbol else None,
        portfolio=portfolio_of(owner_id, portfolio_id) if portfolio_id else None,
        params=words.pop("params"),
        **rhythm(words),
    )


def rhythm(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Quiet hours as their two ends."""
    words = dict(asked)
    if "quiet_hours" in words:
        hours = words.pop("quiet_hours") or {}
        for name, end in (("quiet_from", "from"), ("quiet_to", "to")):
            words[name] = time.fromisoformat(hours[end]) if hours else None
    return words
