"""How long nothing was heard of a price."""

from collections.abc import Sequence
from datetime import datetime

from alerts.conditions.reading import Reading
from alerts.models import Gauge
from core.lib.clock import iso
from markets.selectors.latest import latest_quotes


def read(gauges: Sequence[Gauge], now: datetime) -> dict[int, list[Reading]]:
    """Minutes since the newest quote. A token that was never priced has not stopped."""
    quotes = latest_quotes([gauge.of_token for gauge in gauges])
    found: dict[int, list[Reading]] = {}
    for gauge in gauges:
        quote = quotes.get(gauge.of_token)
        if quote is not None and (gauge.observed_at is None or now > gauge.observed_at):
            minutes = max(0.0, (now - quote.observed_at).total_seconds() / 60)
            detail = {"newest": iso(quote.observed_at), "source": quote.source}
            found[gauge.pk] = [Reading(now, minutes, detail)]
    return found
