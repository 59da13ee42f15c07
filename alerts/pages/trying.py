"""What an alert would have done, as pages show it: words, the newest times, and marks on the price."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils.safestring import SafeString, mark_safe

from alerts.models import Alert
from alerts.selectors.portfolio_past import values_of
from alerts.services.previewing import MOST_DAYS, Fired, Preview, preview
from core.drawing.marked_line import marked_line
from core.drawing.price_chart import Label
from core.templatetags.khalsi import price_text
from markets.selectors.panel import HOUR, Floats, series

LISTED = 12
_POINTS = 400
_DAY = 86_400


@dataclass(frozen=True)
class Tried:
    preview: Preview
    drawn: SafeString

    @property
    def newest(self) -> list[Fired]:
        return self.preview.fired[: -LISTED - 1 : -1]


def tried(alert: Alert, now: datetime) -> Tried:
    found = preview(alert, days=MOST_DAYS, now=now)
    return Tried(found, _drawn(alert, found))


def _drawn(alert: Alert, found: Preview) -> SafeString:
    """Empty where nothing of the past is stored."""
    times, values = _line(alert, found.since or found.until - timedelta(days=MOST_DAYS), found.until)
    if len(times) < 2:
        return SafeString("")
    kept = slice(None, None, max(1, math.ceil(len(times) / _POINTS)))
    marks = [(one.at.timestamp(), float(np.interp(one.at.timestamp(), times, values))) for one in found.fired]
    points = list(zip(times[kept].tolist(), values[kept].tolist(), strict=True))
    what = "The price of" if alert.token else "The worth of"
    drawn = marked_line(
        points,
        marks,
        times=_times(times[0], times[-1]),
        prices=[Label(value, price_text(value)) for value in (float(values.min()), float(values.max()))],
        title=f"{what} {alert.subject} with the times at which the alert would have fired",
        description=found.words,
    )
    return mark_safe(drawn)  # noqa: S308  # core.drawing escapes every text and attribute


def _line(alert: Alert, since: datetime, until: datetime) -> tuple[Floats, Floats]:
    """Times and prices, or times and what the portfolio was worth."""
    if alert.token:
        rows = series(alert.token.pk, HOUR, since, until)
        return rows.times.astype(np.float64), rows.close
    found = values_of(alert.portfolio, since, until) if alert.portfolio else None
    if found is None:
        return np.empty(0), np.empty(0)
    known = np.isfinite(found[1])
    return found[0].times[known].astype(np.float64), found[1][known]


def _times(first: float, last: float) -> list[Label]:
    days = next((step for step in (1, 2, 7, 14) if (last - first) / _DAY / step <= 6), 30)
    step = days * _DAY
    start = -(-int(first) // step) * step
    return [Label(at, f"{datetime.fromtimestamp(at, UTC):%d %b}") for at in range(start, int(last) + 1, step)]
