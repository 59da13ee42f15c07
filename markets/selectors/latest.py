"""The market as it stands: every followed token with its newest quote, and the lines of the last week."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from markets.models import LatestQuote, Token
from markets.selectors.panel import hourly_closes

WEEK_HOURS = 168


def market_table(category: str | None = None) -> list[Token]:
    """Followed tokens, best rank first, each with its latest quote (`quote_of`), in one query."""
    tokens = Token.objects.active().select_related("latest").by_rank()
    return list(tokens.filter(category=category) if category else tokens)


def quote_of(token: Token) -> LatestQuote | None:
    """The quote that `market_table` brought along; None where the token was never priced."""
    return getattr(token, "latest", None)


def latest_quotes(token_ids: Sequence[int]) -> dict[int, LatestQuote]:
    return {quote.token_id: quote for quote in LatestQuote.objects.filter(token_id__in=token_ids)}


def sparklines(token_ids: Sequence[int], until: datetime) -> dict[int, list[float | None]]:
    """Closes of the last 168 hours for each token in one query; None where a candle is missing."""
    closes = hourly_closes(token_ids, until, WEEK_HOURS)
    return {pk: _plain(closes[:, place]) for place, pk in enumerate(token_ids)}


def _plain(column: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> list[float | None]:
    return [None if value != value else value for value in column.tolist()]


def newest_observation() -> datetime | None:
    """When the newest stored quote was observed."""
    return LatestQuote.objects.order_by("-observed_at").values_list("observed_at", flat=True).first()
