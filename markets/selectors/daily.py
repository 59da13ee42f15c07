"""Daily closes of many tokens on one grid, for what looks at days: a close at midnight UTC, of the stored hours."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from core.lib.clock import floor_to
from markets.models import Candle
from markets.selectors.panel import HOUR, Floats

DAY = 86_400


def daily_closes(token_ids: Sequence[int], until: datetime, days: int) -> Floats:
    """The last `days` closes up to `until`, one row a day and one column a token; NaN where an hour is missing."""
    last = floor_to(until, DAY)
    opened = [last - timedelta(days=back) - timedelta(seconds=HOUR) for back in reversed(range(days))]
    row = {moment: place for place, moment in enumerate(opened)}
    column = {token_id: place for place, token_id in enumerate(token_ids)}
    found = np.full((days, len(column)), np.nan)
    stored = Candle.objects.filter(token_id__in=column, interval=HOUR, open_time__in=opened)
    for token_id, moment, close in stored.values_list("token_id", "open_time", "close"):
        found[row[moment], column[token_id]] = close
    return found
