"""Stored candles as the arithmetic's `History`: one read for all tokens."""

from collections.abc import Sequence
from datetime import datetime

from markets.candles.bars import Bars
from markets.candles.cleaning import Cleaned, clean, known_at
from markets.models import Token
from markets.selectors.panel import Panel, hourly_panel, quarter_panel
from predictions.features.frame import History, Quarters

PANEL_DAYS, QUARTER_DAYS = 95, 6
"""More than any feature, scale or range looks back, so a forecast costs the same whatever is stored; and three days
more than that, so that a jump before the first row they look at is judged as if all history were there.
"""
CONTEXT = {"btc": "bitcoin", "eth": "ethereum"}


def read_history(
    tokens: Sequence[Token], until: datetime, *, days: int = PANEL_DAYS, quarter_days: int = QUARTER_DAYS
) -> History:
    """Candles that had closed by `until` and are believed; columns are the tokens' ids in the order given."""
    return history_of(tokens, read_candles(tokens, until, days=days, quarter_days=quarter_days))


def read_candles(tokens: Sequence[Token], until: datetime, *, days: int, quarter_days: int) -> Cleaned:
    """Candles that had closed by `until`, cleaned but with all that came before another era."""
    ids = [token.pk for token in tokens]
    hours = hourly_panel(ids, until, days * 24 + 1)
    return cleaned(hours, quarter_panel(ids, until, quarter_days * 96 + 1))


def cleaned(hours: Panel, quarters: Panel) -> Cleaned:
    """The candles that can be believed; see `markets.candles.cleaning`."""
    return clean(
        *(Bars(each.times, each.close, each.high, each.low, each.volume) for each in (hours, quarters))
    )


def history_of(tokens: Sequence[Token], found: Cleaned) -> History:
    """What was known where the candles end: of a token whose price level changed for good, only what came since."""
    hours, quarters = known_at(found)
    return History(
        tokens=tuple(token.pk for token in tokens),
        hours=hours.times,
        close=hours.close,
        high=hours.high,
        low=hours.low,
        volume=hours.volume,
        quarters=None
        if quarters is None
        else Quarters(quarters.times, quarters.close, quarters.high, quarters.low, quarters.volume),
        **{name: _place(tokens, coingecko_id) for name, coingecko_id in CONTEXT.items()},
    )


def _place(tokens: Sequence[Token], coingecko_id: str) -> int | None:
    return next((place for place, token in enumerate(tokens) if token.coingecko_id == coingecko_id), None)
