"""Matured forecasts get their outcome: what the price did, and how well the forecast and the baseline had
said it.

The price at maturity is the close of the candle, of the same source, that closes exactly then. Where it is
missing the forecast waits, since gaps are still being filled; after a day and an interval it is void. Where its
price is not believed it is void at once (`outcome_candles`). Nothing is guessed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import Q
from numpy.typing import NDArray

from markets.models import Candle
from predictions import horizons
from predictions.evaluation import scores
from predictions.events import forecasts_scored
from predictions.models import Forecast, Outcome
from predictions.services import chain
from predictions.services.outcome_candles import disbelieved
from predictions.services.range_scales import hold_range_scales, move_range_scales

BATCH = 2000
GAP_FILLING = timedelta(days=1)
"""How long after its close, and one interval more, a missing candle may still come."""
LONGEST_WAIT = GAP_FILLING + timedelta(hours=2)

Floats = NDArray[np.float64]
CandleKey = tuple[int, int, datetime]
"""Token, interval and opening time."""


def score_matured(now: datetime) -> int:
    """Give every forecast that has matured by `now` its outcome; gives how many did, void ones too."""
    scored = 0
    for batch in _batches_due(now):
        scored += _store(_resolve(batch, now))
    return scored


def _batches_due(now: datetime) -> Iterator[list[Forecast]]:
    """Matured forecasts without outcome, oldest first, so that a failure leaves nothing behind it unseen."""
    due = Forecast.objects.filter(matures_at__lte=now, outcome__isnull=True).order_by("matures_at", "pk")
    since = _settled_until(now)
    place = Q() if since is None else Q(matures_at__gte=since)
    while batch := list(due.filter(place)[:BATCH]):
        yield batch
        last = batch[-1]
        place = Q(matures_at__gt=last.matures_at) | Q(matures_at=last.matures_at, pk__gt=last.pk)


def _settled_until(now: datetime) -> datetime | None:
    """Before this moment every forecast has its outcome, so scoring never looks through the whole record.

    Scoring goes from the oldest on, so what matured well before the newest scored one has been settled too.
    """
    scored = Forecast.objects.filter(matures_at__lte=now, outcome__isnull=False)
    newest = scored.order_by("-matures_at").values_list("matures_at", flat=True).first()
    return None if newest is None else newest - LONGEST_WAIT


def _resolve(batch: list[Forecast], now: datetime) -> list[Outcome]:
    prices = _closes_at_maturity(batch)
    found = [(forecast, prices[_candle_of(forecast)]) for forecast in batch if _is_known(forecast, prices)]
    gone = [
        forecast for forecast in batch if not _is_known(forecast, prices) and _waited_enough(forecast, now)
    ]
    doubtful = disbelieved([forecast for forecast, _ in found])
    fit = [(forecast, candle) for forecast, candle in found if forecast.pk not in doubtful]
    unfit = [_void(forecast, now, doubtful[forecast.pk]) for forecast, _ in found if forecast.pk in doubtful]
    return [*_scored(fit, now), *unfit, *(_void(forecast, now, _no_candle(forecast)) for forecast in gone)]


def _candle_of(forecast: Forecast) -> CandleKey:
    opened = forecast.matures_at - timedelta(seconds=forecast.reference_interval)
    return forecast.token_id, forecast.reference_interval, opened


def _closes_at_maturity(batch: list[Forecast]) -> dict[CandleKey, tuple[float, str]]:
    """Close and source of the candles that these forecasts wait for, in one query."""
    keys = [_candle_of(forecast) for forecast in batch]
    candles = Candle.objects.filter(
        token_id__in={key[0] for key in keys},
        interval__in={key[1] for key in keys},
        open_time__in={key[2] for key in keys},
    )
    rows = candles.values_list("token_id", "interval", "open_time", "close", "source")
    return {(token, interval, opened): (close, source) for token, interval, opened, close, source in rows}


def _is_known(forecast: Forecast, prices: dict[CandleKey, tuple[float, str]]) -> bool:
    """A candle of another source is no answer: two sources are never spliced."""
    return prices.get(_candle_of(forecast), (0.0, ""))[1] == forecast.source


def _waited_enough(forecast: Forecast, now: datetime) -> bool:
    return now > forecast.matures_at + timedelta(seconds=forecast.reference_interval) + GAP_FILLING


def _scored(found: list[tuple[Forecast, tuple[float, str]]], now: datetime) -> list[Outcome]:
    if not found:
        return []
    said = np.array([[f.up, f.down, f.sideways] for f, _ in found]) / 10_000
    baseline = np.array([[f.baseline_up, f.baseline_down, f.baseline_sideways] for f, _ in found]) / 10_000
    price = np.array([close for _, (close, _) in found])
    moved = np.log(price / np.array([f.reference_price for f, _ in found]))
    came = horizons.classify(moved, np.array([f.sideways_band for f, _ in found]))
    spread, usual = _ranges([f for f, _ in found])
    scored = (
        came.tolist(),
        price.tolist(),
        moved.tolist(),
        scores.log_score(said, came).tolist(),
        scores.brier(said, came).tolist(),
        scores.log_score(baseline, came).tolist(),
        scores.brier(baseline, came).tolist(),
        scores.pinball(spread, moved).tolist(),
        scores.pinball(usual, moved).tolist(),
    )
    return [_outcome(f, now, *figures) for (f, _), *figures in zip(found, *scored, strict=True)]


def _ranges(forecasts: list[Forecast]) -> tuple[Floats, Floats]:
    """Log returns (N, 3) at 10, 50 and 90 % of the forecasts, and of the baseline around no change."""
    reference = np.array([f.reference_price for f in forecasts])[:, None]
    spread = np.log(np.array([[f.p10, f.p50, f.p90] for f in forecasts]) / reference)
    usual = np.log(
        np.array([[f.baseline_p10, f.reference_price, f.baseline_p90] for f in forecasts]) / reference
    )
    return spread, usual


def _outcome(
    forecast: Forecast,
    now: datetime,
    came: int,
    price: float,
    log_return: float,
    log_score: float,
    brier: float,
    baseline_log_score: float,
    baseline_brier: float,
    pinball: float,
    baseline_pinball: float,
) -> Outcome:
    return Outcome(
        forecast=forecast,
        resolved_at=now,
        outcome_class=came,
        price=price,
        log_return=log_return,
        log_score=log_score,
        brier=brier,
        baseline_log_score=baseline_log_score,
        baseline_brier=baseline_brier,
        pinball=pinball,
        baseline_pinball=baseline_pinball,
        inside_range=forecast.p10 <= price <= forecast.p90,
    )


def _no_candle(forecast: Forecast) -> str:
    minutes = forecast.reference_interval // 60
    return (
        f"No {minutes}-minute candle of {forecast.source} closed at {forecast.matures_at:%Y-%m-%d %H:%M} UTC."
    )


def _void(forecast: Forecast, now: datetime, reason: str) -> Outcome:
    return Outcome(forecast=forecast, resolved_at=now, void=True, void_reason=reason)


@transaction.atomic
def _store(outcomes: list[Outcome]) -> int:
    """Outcomes are written once, and move the ranges once; one that a second scorer has written stays as it
    is.
    """
    if not outcomes:
        return 0
    hold_range_scales(one.forecast for one in outcomes)
    new = _not_stored_yet(outcomes)
    if new:
        chain.link_outcomes(new, new[0].resolved_at)
    # Not with ignore_conflicts: SQLite then drops rows that break any constraint, without a word.
    Outcome.objects.bulk_create(new)
    move_range_scales(new)
    if new:
        transaction.on_commit(lambda: forecasts_scored.send(sender=Outcome, count=len(new)))
    return len(new)


def _not_stored_yet(outcomes: list[Outcome]) -> list[Outcome]:
    known = Outcome.objects.filter(forecast__in=[one.forecast_id for one in outcomes])
    stored = set(known.values_list("forecast_id", flat=True))
    return [one for one in outcomes if one.forecast_id not in stored]
