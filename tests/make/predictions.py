"""Engine versions, forecasts, outcomes and a market with history, from what matters alone."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings

from markets.models import Token
from predictions.models import Abstention, EngineVersion, Forecast, ForecastRun, Outcome
from tests.make.markets import NOON, candles

HORIZON = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "14d": timedelta(days=14),
    "30d": timedelta(days=30),
}


def a_version(timeframe: str = "1h", engine: str = "climatology", **fields: Any) -> EngineVersion:
    """An engine version; the baseline unless told otherwise, and the same one each time it is asked for."""
    role = EngineVersion.Role.BASELINE if engine == "climatology" else EngineVersion.Role.CHALLENGER
    found, _ = EngineVersion.objects.get_or_create(
        engine=engine,
        version=fields.pop("version", "1"),
        timeframe=timeframe,
        defaults={"role": role, "definitions": 1, "features": ["class frequencies"], **fields},
    )
    return found


def a_forecast(token: Token, timeframe: str = "1h", as_of: datetime = NOON, **fields: Any) -> Forecast:
    """A published forecast; the sideways probability is what up and down leave."""
    up, down = fields.pop("up", 4000), fields.pop("down", 3000)
    base_up, base_down = fields.pop("baseline_up", 3300), fields.pop("baseline_down", 3300)
    reference = fields.pop("reference_price", 100.0)
    values = {
        "engine_version": fields.pop("version", None) or a_version(timeframe),
        "made_at": as_of + timedelta(seconds=30),
        "expires_at": as_of + min(HORIZON[timeframe], timedelta(minutes=30)),
        "matures_at": as_of + HORIZON[timeframe],
        "published": True,
        "counts": True,
        "definitions": 1,
        "up": up,
        "down": down,
        "sideways": 10_000 - up - down,
        "baseline_up": base_up,
        "baseline_down": base_down,
        "baseline_sideways": 10_000 - base_up - base_down,
        "sideways_band": 0.002,
        "scale": 0.005,
        "reference_price": reference,
        "reference_interval": 900,
        "source": settings.MARKET.stamp("binance"),
        "p10": reference * 0.99,
        "p50": reference,
        "p90": reference * 1.01,
        "baseline_p10": reference * 0.98,
        "baseline_p90": reference * 1.02,
        "support": [reference * 0.95],
        "resistance": [reference * 1.05],
        "risk_level": "medium",
        **fields,
    }
    return Forecast.objects.create(token=token, timeframe=timeframe, as_of=as_of, **values)


def an_outcome(forecast: Forecast, came: int | None = 0, **fields: Any) -> Outcome:
    """What happened: 0 up, 1 down, 2 sideways, None for void. Scores are those of the forecast's own numbers."""
    if came is None:
        return Outcome.objects.create(
            forecast=forecast, resolved_at=forecast.matures_at, void=True, void_reason="gap"
        )
    said = np.array([forecast.up, forecast.down, forecast.sideways]) / 10_000
    base = np.array([forecast.baseline_up, forecast.baseline_down, forecast.baseline_sideways]) / 10_000
    happened = np.eye(3)[came]
    values = {
        "resolved_at": forecast.matures_at,
        "outcome_class": came,
        "price": forecast.reference_price,
        "log_return": 0.0,
        "log_score": -float(np.log(said[came])),
        "brier": float(((said - happened) ** 2).sum()),
        "baseline_log_score": -float(np.log(base[came])),
        "baseline_brier": float(((base - happened) ** 2).sum()),
        "inside_range": True,
        **fields,
    }
    return Outcome.objects.create(forecast=forecast, **values)


def an_abstention(token: Token, timeframe: str = "1h", as_of: datetime = NOON, **fields: Any) -> Abstention:
    """A run that left this token out; for too little history unless told otherwise."""
    run = {"made_at": as_of, "seconds": 0.1, "tokens": 1, "forecasts": 0}
    ForecastRun.objects.get_or_create(timeframe=timeframe, as_of=as_of, defaults=run)
    why = {"code": "INSUFFICIENT_DATA", "reason": "less than 30 days of hourly candles", "counts": True}
    return Abstention.objects.create(token=token, timeframe=timeframe, as_of=as_of, **{**why, **fields})


def with_history(
    token: Token, days: float = 40, end: datetime = NOON, quarters_days: float = 6, seed: int = 1
) -> Token:
    """Hourly and quarter-hour candles of a random walk up to `end`; both series agree at each full hour."""
    steps = int(days * 96)
    walk = np.exp(np.cumsum(np.random.default_rng([seed, token.pk]).normal(0, 0.003, steps)))
    closes = 100.0 * walk / walk[-1]
    if quarters_days:
        candles(token, 900, closes[-int(quarters_days * 96) :].tolist(), end)
    hour_end = end.replace(minute=0, second=0, microsecond=0)
    behind = int((end - hour_end).total_seconds() // 900)
    hourly = closes[: len(closes) - behind][::-1][::4][::-1]
    candles(token, 3600, hourly.tolist(), hour_end)
    token.refresh_from_db()
    return token
