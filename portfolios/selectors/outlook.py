"""What the current forecasts mean for a portfolio, and what history alone would say.

Only forecasts that are current count, and only tokens whose correlations are known are joined; whoever is left out is
named with the share of the portfolio that the range says nothing about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from portfolios.accounting.outlook import Outlook, Spread, ValueRange
from portfolios.accounting.together import joined
from portfolios.selectors.alike import Alike, Weight
from predictions.horizons import TIMEFRAMES
from predictions.models import Forecast
from predictions.selectors.forecasts import latest_forecasts
from predictions.selectors.shown import is_stale

NO_FORECAST = "no current forecast"
STALE = "its newest forecast has expired"
NO_HISTORY = "too few days in common with the others"
NAMES = [timeframe.name for timeframe in TIMEFRAMES]


@dataclass(frozen=True)
class LeftOut:
    weight: Weight
    because: str


@dataclass(frozen=True)
class Horizon:
    """`value` and `baseline` are of the covered part alone, which is worth `covered_usd` now and is `covered_share` of
    the portfolio; None where nothing is covered."""

    timeframe: str
    value: ValueRange | None
    baseline: ValueRange | None
    covered_usd: float
    covered_share: float
    left_out: tuple[LeftOut, ...]
    as_of: datetime | None
    """Of the oldest forecast in it."""


def outlook_of(alike: Alike, now: datetime) -> list[Horizon]:
    """The seven horizons, shortest first. One query, and the same draws for all of them."""
    known = joined(alike.correlation, alike.shares)
    ids = [one.row.token.pk for one in alike.weights if one.row.token]
    latest = latest_forecasts(NAMES, ids) if ids else {}
    drawn = Outlook(alike.correlation[np.ix_(known, known)])
    return [_horizon(name, alike, known, drawn, latest, now) for name in NAMES]


def _horizon(
    name: str,
    alike: Alike,
    known: Sequence[int],
    drawn: Outlook,
    latest: dict[tuple[int, str], Forecast],
    now: datetime,
) -> Horizon:
    forecasts = [latest.get((one.row.token.pk, name)) if one.row.token else None for one in alike.weights]
    left_out = []
    covered: list[tuple[int, Weight, Forecast]] = []
    for place, (weight, forecast) in enumerate(zip(alike.weights, forecasts, strict=True)):
        because = _left_out(forecast, place in known, now)
        if because or forecast is None:
            left_out.append(LeftOut(weight, because))
        else:
            covered.append((known.index(place), weight, forecast))
    places = [place for place, _, _ in covered]
    return Horizon(
        timeframe=name,
        value=drawn.value([_said(one, held) for _, held, one in covered], places) if covered else None,
        baseline=drawn.value([_usual(one, held) for _, held, one in covered], places) if covered else None,
        covered_usd=sum(held.value_usd for _, held, _ in covered),
        covered_share=sum(held.share for _, held, _ in covered),
        left_out=tuple(left_out),
        as_of=min((forecast.as_of for _, _, forecast in covered), default=None),
    )


def _left_out(forecast: Forecast | None, is_known: bool, now: datetime) -> str:
    if forecast is None:
        return NO_FORECAST
    if is_stale(forecast, now):
        return STALE
    return "" if is_known else NO_HISTORY


def _said(forecast: Forecast, weight: Weight) -> Spread:
    return Spread(float(weight.row.holding.quantity), forecast.p10, forecast.p50, forecast.p90)


def _usual(forecast: Forecast, weight: Weight) -> Spread:
    """The baseline's middle is the price that it started from."""
    return Spread(
        float(weight.row.holding.quantity),
        forecast.baseline_p10,
        forecast.reference_price,
        forecast.baseline_p90,
    )
