"""What portfolios are worth: read where every price in them is fresh and their lots are worked out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from alerts.conditions.portfolio import percent_below
from alerts.conditions.reading import Reading
from alerts.models import Gauge
from alerts.selectors.portfolio_past import highest_of
from portfolios.models import Portfolio
from portfolios.selectors.valuing import Valuation, valuations

VALUE = "value"


def read(gauges: Sequence[Gauge], now: datetime) -> dict[int, list[Reading]]:
    """At most one for each gauge. Nothing of a portfolio with an old price in it: it may be worth anything by now."""
    portfolios = Portfolio.objects.filter(pk__in={gauge.portfolio_id for gauge in gauges})
    valued = valuations(list(portfolios), now)
    found: dict[int, list[Reading]] = {}
    for gauge in gauges:
        valuation = valued.get(gauge.portfolio_id) if gauge.portfolio_id else None
        reading = _reading(gauge.name, valuation, now) if valuation else None
        if reading and (gauge.observed_at is None or reading.at > gauge.observed_at) and reading.at <= now:
            found[gauge.pk] = [reading]
    return found


def _reading(name: str, valuation: Valuation, now: datetime) -> Reading | None:
    """Of the value, or of how many percent it lies below the highest of a window."""
    worth = reading_of(valuation)
    if worth is None or name == VALUE:
        return worth
    before = highest_of(valuation.portfolio, int(name.split(":")[1]), now)
    highest = max(before or 0.0, worth.value)
    return Reading(worth.at, percent_below(highest, worth.value), {**worth.detail, "highest_usd": highest})


def reading_of(valuation: Valuation) -> Reading | None:
    """At the newest of its prices."""
    moments = [row.quote.observed_at for row in valuation.held if row.quote and row.holding.quantity > 0]
    if not moments or valuation.stale or valuation.value_usd is None or not valuation.portfolio.is_current:
        return None
    detail: dict[str, Any] = {"value_usd": float(valuation.value_usd)}
    if valuation.unpriced:
        detail["unpriced"] = [row.asset for row in valuation.unpriced]
    return Reading(max(moments), float(valuation.value_usd), detail)
