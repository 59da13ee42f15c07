"""What the newest published forecasts say."""

from collections.abc import Sequence
from datetime import datetime

from alerts.conditions.reading import Reading
from alerts.models import Gauge
from predictions.models import Forecast
from predictions.selectors.forecasts import latest_forecasts
from predictions.selectors.shown import CLASSES, confidence, favoured, is_stale


def read(gauges: Sequence[Gauge], now: datetime) -> dict[int, list[Reading]]:
    timeframes = sorted({timeframe_of(gauge.name) for gauge in gauges})
    newest = latest_forecasts(timeframes, {gauge.of_token for gauge in gauges})
    found: dict[int, list[Reading]] = {}
    for gauge in gauges:
        forecast = newest.get((gauge.of_token, timeframe_of(gauge.name)))
        if forecast is not None and _is_new(forecast, gauge, now):
            found[gauge.pk] = [reading_of(forecast, gauge.name)]
    return found


def timeframe_of(name: str) -> str:
    return name.split(":")[1]


def reading_of(forecast: Forecast, name: str) -> Reading:
    detail = {one: getattr(forecast, one) / 10_000 for one in CLASSES}
    return Reading(forecast.as_of, _value(forecast, name), {**detail, "forecast_id": forecast.pk})


def _value(forecast: Forecast, name: str) -> float:
    what = name.split(":")[2]
    if what == "confidence":
        return confidence(forecast)
    if what == "favoured":
        return float(CLASSES.index(favoured(forecast)))
    return forecast.as_of.timestamp() if what == "made" else getattr(forecast, what) / 10_000


def _is_new(forecast: Forecast, gauge: Gauge, now: datetime) -> bool:
    seen = gauge.observed_at
    return (seen is None or forecast.as_of > seen) and forecast.as_of <= now and not is_stale(forecast, now)
