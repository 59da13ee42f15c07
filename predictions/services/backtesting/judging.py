"""What came of the forecasts of a back-test, scored as the live record is: on rounded probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.engines import conformal
from predictions.engines.base import Floats
from predictions.evaluation import scores, walk_forward
from predictions.evaluation.walk_forward import Report
from predictions.horizons import Timeframe, classify, to_ten_thousandths
from predictions.services.backtesting.parts import Said
from predictions.services.backtesting.ranges import Voice

WHOLE = 10_000


@dataclass(frozen=True, eq=False)
class Judged:
    """N rows of one timeframe and engine in order of time. `answered` and `known` (N,): a forecast was made,
    and its outcome is there. Rows that are not both hold NaN where a score would stand. Probabilities are
    whole ten-thousandths (N, 3), 0 where nobody spoke.
    """

    timeframe: Timeframe
    asked: str
    as_of: NDArray[np.int64]
    token: NDArray[np.int64]
    answered: NDArray[np.bool_]
    known: NDArray[np.bool_]
    said: NDArray[np.int64]
    baseline: NDArray[np.int64]
    band: Floats
    log_return: Floats
    came: NDArray[np.int64]
    log_score: Floats
    baseline_log_score: Floats
    brier: Floats
    baseline_brier: Floats
    pinball: Floats
    baseline_pinball: Floats
    inside: NDArray[np.bool_]
    report: Report


def judged(timeframe: Timeframe, parts: Sequence[Said], voice: Voice) -> Judged:
    as_of, token, band, reference, baseline, usual, price = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("as_of", "token", "band", "reference", "baseline", "baseline_quantiles", "price")
    )
    both = np.hstack([voice.probabilities, voice.prices])
    answered: NDArray[np.bool_] = np.asarray(np.isfinite(both).all(axis=1))
    known = answered & np.isfinite(price)
    said, base = _whole(voice.probabilities, answered), _whole(baseline, answered)
    log_return = np.where(known, np.log(price / reference), np.nan)
    came = classify(np.where(known, log_return, 0.0), np.where(known, band, 1.0)).astype(np.int64)
    p, q = said / WHOLE, base / WHOLE

    def where_known(values: Floats) -> Floats:
        return np.where(known, values, np.nan)

    return Judged(
        timeframe=timeframe,
        asked=voice.name,
        as_of=as_of,
        token=token,
        answered=answered,
        known=known,
        said=said,
        baseline=base,
        band=band,
        log_return=log_return,
        came=came,
        log_score=where_known(scores.log_score(p, came)),
        baseline_log_score=where_known(scores.log_score(q, came)),
        brier=where_known(scores.brier(p, came)),
        baseline_brier=where_known(scores.brier(q, came)),
        pinball=where_known(scores.pinball(voice.quantiles, log_return)),
        baseline_pinball=where_known(scores.pinball(usual, log_return)),
        inside=known & (voice.prices[:, 0] <= price) & (price <= voice.prices[:, 2]),
        report=walk_forward.judge(
            timeframe,
            as_of,
            log_return,
            band,
            walk_forward.Said(np.where(answered[:, None], p, np.nan), voice.quantiles),
            walk_forward.Said(q, usual),
        ),
    )


def baseline_prices(reference: Floats, quantiles: Floats) -> Floats:
    """The raw range of the baseline (N, 3), which no outcome scales."""
    return conformal.prices(reference, quantiles)


def _whole(probabilities: Floats, answered: NDArray[np.bool_]) -> NDArray[np.int64]:
    found = np.zeros(probabilities.shape, np.int64)
    if answered.any():
        found[answered] = to_ten_thousandths(probabilities[answered])
    return found
