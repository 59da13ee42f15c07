"""Stored candles as the arithmetic's `History`: one read for all tokens."""

from collections.abc import Sequence
from datetime import datetime

from markets.models import Token
from markets.selectors.panel import Panel, hourly_panel, quarter_panel
from predictions.features.frame import History, Quarters

PANEL_DAYS, QUARTER_DAYS = 92, 6
"""More than any feature, scale or range looks back, so a forecast costs the same whatever is stored."""
CONTEXT = {"btc": "bitcoin", "eth": "ethereum"}


def read_history(
    tokens: Sequence[Token], until: datetime, *, days: int = PANEL_DAYS, quarter_days: int = QUARTER_DAYS
) -> History:
    """Candles that had closed by `until`; columns are the tokens' ids in the order given."""
    ids = [token.pk for token in tokens]
    hours = hourly_panel(ids, until, days * 24 + 1)
    return history_of(tokens, hours, quarter_panel(ids, until, quarter_days * 96 + 1))


def history_of(tokens: Sequence[Token], hours: Panel, quarters: Panel) -> History:
    return History(
        tokens=hours.token_ids,
        hours=hours.times,
        close=hours.close,
        high=hours.high,
        low=hours.low,
        volume=hours.volume,
        quarters=Quarters(quarters.times, quarters.close, quarters.high, quarters.low, quarters.volume),
        **{name: _place(tokens, coingecko_id) for name, coingecko_id in CONTEXT.items()},
    )


def _place(tokens: Sequence[Token], coingecko_id: str) -> int | None:
    return next((place for place, token in enumerate(tokens) if token.coingecko_id == coingecko_id), None)
