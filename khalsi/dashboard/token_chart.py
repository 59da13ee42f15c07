"""What a token's chart draws: candles, the range ahead with the baseline's, past forecasts where they were issued.

The server draws it whole; a script takes the same figures and draws them over candles that it fetches itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from core.drawing.price_chart import Bar, Fan, Issued, Knot, Label, price_chart, span_of
from core.templatetags.khalsi import price_text
from markets.models import Token
from markets.selectors.panel import Series, series
from predictions import horizons
from predictions.models import Forecast
from predictions.selectors import shown

ISSUED_AT_MOST = 28
_PRICES, _TIMES = 5, 6
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class TokenChart:
    """Of one token at one timeframe; `said` are its newest forecasts, one a timeframe."""

    token: Token
    timeframe: str
    span: str
    said: Sequence[Forecast]
    now: datetime

    @property
    def reach(self) -> int:
        return horizons.by_name[self.timeframe].seconds

    @property
    def interval(self) -> int:
        return 900 if self.reach <= 4 * 3600 else 3600

    @property
    def hours(self) -> int:
        """Six times as much past as future, between 18 hours and three weeks; more than the horizon in any case, so
        that forecasts which have matured were issued in it.
        """
        hours = self.reach / 3600
        return int(max(min(6 * hours, 21 * 24), 18, 1.35 * hours))

    @property
    def since(self) -> datetime:
        return self.now - timedelta(hours=self.hours)

    @cached_property
    def knots(self) -> list[Forecast]:
        """Every timeframe up to the chosen one, the nearest end first: a cone from the newest reference price."""
        near = [one for one in self.said if one.matures_at - one.as_of <= timedelta(seconds=self.reach)]
        return sorted(near, key=lambda one: one.matures_at)

    @cached_property
    def issued(self) -> list[Forecast]:
        """Matured forecasts of the window that are neither void nor too many to be told apart."""
        every = _every(self.hours * 3600, horizons.by_name[self.timeframe].counts_every)
        return [
            one for one in _matured(self.token, self.timeframe, self.since) if _at(one.as_of) % every == 0
        ]

    @property
    def data(self) -> dict[str, Any]:
        """For the script."""
        levels = max(self.said, key=lambda one: one.as_of, default=None)
        return {
            "symbol": self.token.symbol,
            "id": self.token.coingecko_id,
            "timeframe": self.timeframe,
            "interval": "15m" if self.interval == 900 else "1h",
            "history_hours": self.hours,
            "fan": [_knot_data(one) for one in self.knots],
            "past": [_issued_data(one) for one in self.issued],
            "support": levels.support if levels else [],
            "resistance": levels.resistance if levels else [],
        }

    @cached_property
    def drawn(self) -> SafeString:
        """Without script; empty where there are no candles."""
        bars = _bars(series(self.token.pk, self.interval, self.since, self.now))
        if len(bars) < 2:
            return SafeString("")
        issued = [_issued(one) for one in self.issued if _at(one.as_of) >= bars[0].at]
        fan = self._fan(bars[-1])
        low, high = span_of(bars, fan, issued)
        last = max([bars[-1].at, *(knot.at for knot in (fan.knots if fan else ()))])
        drawn = price_chart(
            bars,
            fan,
            issued,
            times=_times(bars[0].at, last),
            prices=_prices(low, high),
            title=f"{self.token.symbol}, price and the range in {self.span}",
            description=self.words,
        )
        return mark_safe(drawn)  # noqa: S308  # core.drawing escapes every text and attribute

    @property
    def words(self) -> str:
        """What the picture shows, for those who do not see it."""
        held = sum(1 for one in self.issued if one.outcome.inside_range)
        told = []
        if self.knots:
            far = self.knots[-1]
            told.append(
                f"By {far.matures_at:%d %b %H:%M} UTC the price is expected between {price_text(far.p10)} and"
                f" {price_text(far.p90)}, four times in five; the baseline's range is {price_text(far.baseline_p10)}"
                f" to {price_text(far.baseline_p90)}."
            )
        if self.issued:
            told.append(
                f"Of {len(self.issued)} past forecasts drawn, the price ended inside the range of {held}, and the"
                f" favoured class came in {sum(shown.verdict(one) == 'hit' for one in self.issued)}."
            )
        return " ".join(told) or "No forecast is drawn."

    def _fan(self, last: Bar) -> Fan | None:
        if not self.knots:
            return None
        first = self.knots[0]
        ahead = [_knot(one) for one in self.knots if _at(one.matures_at) > _at(first.as_of)]
        return Fan(_at(first.as_of), first.reference_price, ahead)


def _matured(token: Token, timeframe: str, since: datetime) -> QuerySet[Forecast]:
    counting = Forecast.objects.filter(token=token, timeframe=timeframe, published=True, counts=True)
    matured = counting.filter(as_of__gte=since, outcome__void=False)
    return matured.select_related("outcome").order_by("as_of")


def _every(span: int, counts_every: int) -> int:
    """Seconds between two that are drawn: a whole number of times those between two that count."""
    return -(-span // ISSUED_AT_MOST // counts_every) * counts_every


def _at(moment: datetime) -> int:
    return int(moment.timestamp())


def _bars(rows: Series) -> list[Bar]:
    columns = (rows.times, rows.high, rows.low, rows.close)
    return [Bar(at, _known(high), _known(low), close) for at, high, low, close in zip(*columns, strict=True)]


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def _knot(one: Forecast) -> Knot:
    return Knot(_at(one.matures_at), one.p10, one.p50, one.p90, one.baseline_p10, one.baseline_p90)


def _issued(one: Forecast) -> Issued:
    return Issued(_at(one.as_of), one.p10, one.p90, one.outcome.price or one.p50, shown.verdict(one) == "hit")


def _knot_data(one: Forecast) -> dict[str, Any]:
    return {
        "timeframe": one.timeframe,
        "from": _at(one.as_of),
        "to": _at(one.matures_at),
        "reference": one.reference_price,
        "p10": one.p10,
        "p50": one.p50,
        "p90": one.p90,
        "baseline_p10": one.baseline_p10,
        "baseline_p90": one.baseline_p90,
    }


def _issued_data(one: Forecast) -> dict[str, Any]:
    return {
        "at": _at(one.as_of),
        "p10": one.p10,
        "p90": one.p90,
        "ended": one.outcome.price,
        "inside": one.outcome.inside_range,
        "verdict": shown.verdict(one),
    }


def _prices(low: float, high: float) -> list[Label]:
    """A few round prices between the lowest and the highest."""
    rough = (high - low) / _PRICES or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in _NICE if power * nice >= rough)
    first = math.ceil(low / step)
    values = [step * number for number in range(first, first + _PRICES + 3)]
    return [Label(value, price_text(value)) for value in values if low <= value <= high]


def _times(first: float, last: float) -> list[Label]:
    """Whole hours or days, at most six."""
    steps = (3 * 3600, 6 * 3600, 12 * 3600, *(horizons.DAY * days for days in (1, 2, 4, 7, 14)))
    step = next((one for one in steps if (last - first) / one <= _TIMES), steps[-1])
    words = "%H:%M" if step < horizons.DAY else "%d %b"
    start = -(-int(first) // step) * step
    return [
        Label(at, f"{datetime.fromtimestamp(at, tz=UTC):{words}}") for at in range(start, int(last) + 1, step)
    ]
