"""The topic `predictions`: the newest published forecast of each token, a stream a timeframe. For anybody."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.lib.clock import market_now
from core.lib.errors import BadInput
from core.live.item import Payload
from core.live.publish import publish
from core.live.topic import Fields, Topic, stream_name
from markets.selectors.tokens import token_ids_by_symbol
from predictions.horizons import TIMEFRAMES
from predictions.models import Forecast
from predictions.selectors.forecasts import latest_forecasts
from predictions.selectors.shown import forecast_shown

PREDICTIONS = "predictions"
_NAMES = tuple(timeframe.name for timeframe in TIMEFRAMES)


class ForecastTopic(Topic):
    name = PREDICTIONS

    def parameters(self, fields: Fields, listener: str | None) -> dict[str, str]:
        timeframe = fields.get("timeframe")
        if not isinstance(timeframe, str) or timeframe not in _NAMES:
            raise BadInput.at("timeframe", f"write one of {', '.join(_NAMES)}.")
        return {"timeframe": timeframe}

    def snapshot(self, parameters: Mapping[str, str]) -> Mapping[str, Payload | None]:
        meant = token_ids_by_symbol()
        newest = latest_forecasts([parameters["timeframe"]], meant.values())
        return {**dict.fromkeys(meant), **_frames(meant, [forecast.pk for forecast in newest.values()])}


def push_forecasts(timeframe: str, forecast_ids: Iterable[int]) -> None:
    """A frame for each of these published forecasts. A token whose ticker means another is left out."""
    publish(stream_name(PREDICTIONS, timeframe), _frames(token_ids_by_symbol(), forecast_ids).items())


def _frames(meant: Mapping[str, int], forecast_ids: Iterable[int]) -> dict[str, Any]:
    found = Forecast.objects.filter(pk__in=list(forecast_ids), token_id__in=meant.values())
    now = market_now()
    return {
        forecast.token.symbol: {"type": "prediction", **forecast_shown(forecast, now)}
        for forecast in found.select_related("token", "engine_version", "outcome")
    }
