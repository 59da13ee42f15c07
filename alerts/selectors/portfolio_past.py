"""What a portfolio was worth: its value at closes of stored hours or days, as its performance knows it."""

from datetime import datetime, timedelta

import numpy as np
from django.core.cache import cache
from numpy.typing import NDArray

from core.lib.clock import floor_to
from portfolios.models import Portfolio
from portfolios.selectors.performance.reckoning import reckoned
from portfolios.selectors.performance.span import Span, span_of

HOUR = 3600
_KEPT_SECONDS = 3600
Floats = NDArray[np.float64]


def values_of(portfolio: Portfolio, since: datetime, until: datetime) -> tuple[Span, Floats] | None:
    """Its worth at each time of the span, NaN where nobody knows; None where it held nothing yet."""
    first = portfolio.transactions.order_by("executed_at").values_list("executed_at", flat=True).first()
    span = span_of(since, until, first, until) if first else None
    return (span, reckoned(portfolio, span).course.values) if span else None


def highest_of(portfolio: Portfolio, window: int, now: datetime) -> float | None:
    """At the closes of the window's hours (days, where it is longer than a month). Worked out once an hour for each
    state of the book."""
    key = f"alerts:highest:{portfolio.pk}:{portfolio.revision}:{window}:{floor_to(now, HOUR):%Y%m%d%H}"
    known: float | None = cache.get(key, -1.0)
    if known == -1.0:
        found = values_of(portfolio, now - timedelta(seconds=window), now)
        finite = found[1][np.isfinite(found[1])] if found else np.empty(0)
        known = float(finite.max()) if len(finite) else None
        cache.set(key, known, _KEPT_SECONDS)
    return known
