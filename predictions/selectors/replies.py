"""Whole replies about forecasts, so that a view and whoever renders ahead say the very same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.lib.clock import iso
from core.lib.errors import NotEnoughHistory
from markets.freshness import quote_stale_after
from markets.models import Token
from predictions.models import Forecast, ForecastRun
from predictions.selectors import shown
from predictions.selectors.abstentions import why_left_out
from predictions.selectors.forecasts import forecasts_for
from predictions.selectors.summary import average, summary


@dataclass(frozen=True)
class Reply:
    """What is said, and until when (market time) it stays true; None where time alone changes nothing."""

    data: dict[str, Any]
    stale_after: datetime | None


def forecasts_reply(token: Token, timeframe: str, limit: int, now: datetime) -> Reply:
    """The newest published forecasts. Raises NotEnoughHistory, with the reason, where there is none."""
    found = list(forecasts_for(token, timeframe, limit))
    if not found:
        raise NotEnoughHistory(why_none(token, timeframe))
    return reply_of(token, timeframe, found, now)


def reply_of(token: Token, timeframe: str, found: Sequence[Forecast], now: datetime) -> Reply:
    """`found` is newest first and holds at least one."""
    newest = found[0]
    data = {
        "symbol": token.symbol,
        "timeframe": timeframe,
        "predictions": [shown.forecast_shown(forecast, now) for forecast in found],
        "meta": {
            "model_version": f"{newest.engine_version.engine} {newest.engine_version.version}",
            "data_freshness": shown.freshness(newest, now),
            "total_predictions": len(found),
            "average_confidence": average([shown.confidence(forecast) for forecast in found]),
        },
        "observed_at": iso(newest.as_of),
        "source": newest.source,
        "freshness": shown.freshness(newest, now),
    }
    return Reply(data, next_change(found, now))


def summary_reply(timeframe: str, category: str | None, now: datetime) -> Reply:
    found = summary(timeframe, now, category)
    ends = [end for row in found["predictions"] for end in _ends_of(row)]
    return Reply(dict(found), min((end for end in ends if end >= now), default=None))


def _ends_of(row: dict[str, Any]) -> Iterator[datetime]:
    """When a row's forecast and its price grow stale."""
    yield datetime.fromisoformat(row["expires_at"])
    if row["quote"]:
        yield quote_stale_after(datetime.fromisoformat(row["quote"]["observed_at"]))


def next_change(forecasts: Sequence[Forecast], now: datetime) -> datetime | None:
    """When the next of them becomes stale."""
    return min((f.expires_at for f in forecasts if not shown.is_stale(f, now)), default=None)


def why_none(token: Token, timeframe: str) -> str:
    """Why a token has no forecast of a timeframe, as the last run put it."""
    last = ForecastRun.objects.filter(timeframe=timeframe).order_by("-as_of").first()
    if last is None:
        return f"No {timeframe} forecast of any token has been made yet; the first follows the candles."
    reason = why_left_out(token, timeframe)
    if not reason:
        return f"No {timeframe} forecast of {token.symbol} has been made yet; the next run may bring one."
    return f"There is no {timeframe} forecast of {token.symbol}: {reason}."
