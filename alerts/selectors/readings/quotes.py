"""Prices, and how far they went within a window."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from alerts.conditions.change import change_percent
from alerts.conditions.reading import Reading
from alerts.models import Gauge
from markets.freshness import QUOTE_LIMIT
from markets.models import Candle, LatestQuote, Quote

QUARTER = 900
LOOKED_BACK = timedelta(minutes=30)
"""A price to compare with may be so much older than the window asks; beyond that nobody knows the change."""
Before = dict[tuple[int, datetime], float]
Quoted = tuple[datetime, float, str]


def read(gauges: Sequence[Gauge], now: datetime) -> dict[int, list[Reading]]:
    quotes = _quotes(gauges, now)
    turns = _turns([gauge for gauge in gauges if gauge.name == "price"], now)
    found: dict[int, list[Reading]] = {}
    by_window: dict[int, list[Gauge]] = defaultdict(list)
    for gauge in gauges:
        if gauge.name == "price":
            found[gauge.pk] = _prices(quotes[gauge.pk], turns.get(gauge.pk, ()))
        else:
            by_window[int(gauge.name.split(":")[1])].append(gauge)
    for window, those in by_window.items():
        before = _before([(gauge.of_token, at) for gauge in those for at, _, _ in quotes[gauge.pk]], window)
        for gauge in those:
            found[gauge.pk] = list(_changes(gauge, quotes[gauge.pk], before))
    return {pk: readings for pk, readings in found.items() if readings}


def _prices(quotes: Iterable[Quoted], turns: Iterable[Quoted]) -> list[Reading]:
    """Each quote, and between them the prices at which it turned: told as what they are, since they were left again."""
    passed = {at: Reading(at, price, {"source": source, "passed": True}) for at, price, source in turns}
    quoted = {at: Reading(at, price, {"source": source}) for at, price, source in quotes}
    return sorted({**passed, **quoted}.values(), key=lambda reading: reading.at)


def _turns(gauges: Sequence[Gauge], now: datetime) -> dict[int, list[Quoted]]:
    """Since each gauge's last reading; of one that was never read, nothing that was before."""
    found: dict[int, list[Quoted]] = defaultdict(list)
    for pk, *turn in _newer([gauge for gauge in gauges if gauge.observed_at], "token__turns", now):
        found[pk].append((*turn,))
    return found


def _quotes(gauges: Sequence[Gauge], now: datetime) -> dict[int, list[Quoted]]:
    """What was quoted since each gauge's last reading, and is not stale at `now`; the newest price, which the
    exchange's stream may have brought, stands beside the history."""
    found: dict[int, dict[datetime, Quoted]] = defaultdict(dict)
    for path in ("token__latest", "token__quotes"):
        for pk, *quoted in _newer(gauges, path, now):
            found[pk][quoted[0]] = (*quoted,)
    return defaultdict(list, {pk: sorted(quotes.values()) for pk, quotes in found.items()})


def _newer(gauges: Sequence[Gauge], path: str, now: datetime) -> Iterable[Any]:
    oldest = now - QUOTE_LIMIT
    at = f"{path}__observed_at"
    newer = {
        f"{at}__gt": Coalesce("observed_at", oldest - timedelta(microseconds=1)),
        f"{at}__gte": oldest,
        f"{at}__lte": now,
    }
    those = Gauge.objects.filter(pk__in=[gauge.pk for gauge in gauges], **newer)
    return those.values_list("pk", at, f"{path}__price_usd", f"{path}__source")


def _changes(gauge: Gauge, quotes: Iterable[Quoted], before: Before) -> Iterable[Reading]:
    for at, price, source in quotes:
        was = before.get((gauge.of_token, at))
        if was is None:
            continue
        change = change_percent(price, was)
        value = abs(change) if gauge.name.startswith("move:") else change
        yield Reading(at, value, {"price": price, "change_percent": change, "before": was, "source": source})


def _before(moments: Sequence[tuple[int, datetime]], window: int) -> Before:
    """The price a window before each of these quotes: the newest one of then, or the close of a candle."""
    if not moments:
        return {}
    those = {
        "token_id__in": {token for token, _ in moments},
        "observed_at__in": {at for _, at in moments},
    }
    found: Before = {}
    for model in (LatestQuote, Quote):
        quotes = model._default_manager.filter(**those).annotate(was=_price_before(window)).exclude(was=None)
        found |= {(token, at): was for token, at, was in quotes.values_list("token_id", "observed_at", "was")}
    return found


def _price_before(window: int) -> Coalesce:
    quoted = Quote.objects.filter(
        token_id=OuterRef("token_id"),
        observed_at__lte=_earlier(timedelta(seconds=window)),
        observed_at__gte=_earlier(timedelta(seconds=window) + LOOKED_BACK),
    ).order_by("-observed_at")
    closed = Candle.objects.filter(
        token_id=OuterRef("token_id"),
        interval=QUARTER,
        open_time__lte=_earlier(timedelta(seconds=window + QUARTER)),
        open_time__gte=_earlier(timedelta(seconds=window + QUARTER) + LOOKED_BACK),
    ).order_by("-open_time")
    return Coalesce(Subquery(quoted.values("price_usd")[:1]), Subquery(closed.values("close")[:1]))


def _earlier(span: timedelta) -> Combinable:
    return ExpressionWrapper(OuterRef("observed_at") - span, output_field=DateTimeField())
