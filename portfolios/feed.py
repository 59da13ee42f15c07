"""Portfolio frames on the topic `user`: what a listener's portfolios are worth, as prices change.

Only portfolios of users who listen at this moment are valued, all of them in one pass. A frame holds the totals and the
holdings that stand otherwise than when they were told last; whoever was not there reads them anew.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.cache import cache

from core.lib.clock import iso
from core.live.process import who_is_connected
from core.live.publish import send
from core.live.topic import USER, stream_name
from markets.freshness import quote_stale_after
from portfolios.models import Portfolio
from portfolios.selectors.shown_values import holding_shown, totals_shown
from portfolios.selectors.valuing import Valuation, Valued, valuations

AT_ONCE = 500
_KEPT_SECONDS = 3600
Told = dict[str, tuple[Any, ...]]
"""Asset to what was said of it last."""


def push_values(*, now: datetime, wall: datetime) -> int:
    """A frame for each portfolio of a listener that changed; how many there were. `now` is market time."""
    listeners = [UUID(one) for one in who_is_connected(wall).listeners]
    own = list(Portfolio.objects.filter(owner_id__in=listeners)) if listeners else []
    return sum(_push(own[start : start + AT_ONCE], now) for start in range(0, len(own), AT_ONCE))


def _push(portfolios: Sequence[Portfolio], now: datetime) -> int:
    found = valuations(portfolios, now)
    before: dict[str, Told] = cache.get_many([_key(pk) for pk in found])
    after: dict[str, Told] = {}
    for pk, valuation in found.items():
        told, known = {row.asset: _said(row) for row in valuation.rows}, before.get(_key(pk), {})
        if told != known:
            after[_key(pk)] = told
            changed = [row for row in valuation.held if known.get(row.asset) != told[row.asset]]
            frame = portfolio_frame(valuation, changed)
            send(stream_name(USER, str(valuation.portfolio.owner_id)), [(uuid4().hex, frame)])
    cache.set_many(after, _KEPT_SECONDS)
    return len(after)


def portfolio_frame(valuation: Valuation, changed: Sequence[Valued]) -> dict[str, Any]:
    """Totals and holdings as the API words them; each holding also says when its price will be stale."""
    return {
        "type": "portfolio",
        "portfolio_id": str(valuation.portfolio.pk),
        "revision": valuation.portfolio.revision,
        "is_current": valuation.portfolio.is_current,
        "valued_at": iso(valuation.now),
        "value": totals_shown(valuation),
        "holdings_count": len(valuation.held),
        "holdings": [{**holding_shown(row), "stale_at": _stale_at(row)} for row in changed],
    }


def _stale_at(row: Valued) -> str | None:
    return iso(quote_stale_after(row.quote.observed_at)) if row.quote else None


def _said(row: Valued) -> tuple[Any, ...]:
    """What a reader would see change; a price observed again as it was is none."""
    held = row.holding
    return (str(held.quantity), str(held.cost_usd), row.quote and row.quote.price_usd, row.freshness)


def _key(portfolio_id: UUID) -> str:
    return f"portfolios:told:{portfolio_id}"
