"""Reckonings of a few minutes ago, so that another benchmark or a second look costs next to nothing.

They lie under the portfolio's revision, which every booking changes. Closes are stored with little delay and may be
back-filled: what already has the newest hour is kept for minutes, what still waits for it for one minute only.
"""

from datetime import timedelta

from django.core.cache import cache

from portfolios.models import Portfolio
from portfolios.selectors.performance.reckoning import Reckoning, reckoned
from portfolios.selectors.performance.span import Span

COMPLETE, WAITING = timedelta(minutes=10), timedelta(minutes=1)


def reckoning_of(portfolio: Portfolio, span: Span) -> Reckoning:
    times = span.times
    key = f"performance:{portfolio.pk}:{portfolio.revision}:{span.step}:{times[0]}:{times[-1]}"
    kept: Reckoning | None = cache.get(key)
    if kept is None:
        kept = reckoned(portfolio, span)
        age = COMPLETE if kept.observed_at == span.until else WAITING
        cache.set(key, kept, age.total_seconds())
    return kept
