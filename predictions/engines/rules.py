"""The original rule formula, mended: volume ratio and momentum say which way, the climatology how often
sideways.

The formula starts at ½ for up and adds 0.08 where the last hour's volume is above 1.5 times its 7-day mean
(−0.06 below 0.7), and 0.075 where the price rose more than 2 % in 24 hours (−0.06 where it fell more). Mended
are:

1. volume is that of the token's own candles, never a rolling 24-hour figure;
2. sideways, which the formula never says, takes the climatology's share;
3. up against down goes through the same kind of calibration as every engine's: log-odds times a slope, plus
an offset. The default slope is 0.1, since as written the formula scores worse than no opinion; a fitted one
comes from training;
4. its confidence (0.88 where it is right 0.33 of the time) is not computed.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from predictions.engines.base import Answer, Batch, Floats, answer, gaps
from predictions.engines.odds import sigmoid
from predictions.horizons import SIDEWAYS, UP, Timeframe, classify

ENGINE = "rules"
INDICATORS = ("rvol_1h_7d", "return_24h")
NO_VOLUME = "no volume of its own candles"
NO_MOMENTUM = "no price 24 hours ago"
DEFAULT_SLOPE, DEFAULT_OFFSET = 0.1, 0.0
_SLOPES = np.linspace(-0.5, 1.0, 31)


@dataclass(frozen=True, eq=False)
class Rules:
    """Untrained it serves every timeframe; a fitted one belongs to its `timeframe`."""

    version: str = "1"
    slope: float = DEFAULT_SLOPE
    offset: float = DEFAULT_OFFSET
    timeframe: Timeframe | None = None
    name = ENGINE

    def forecast(self, batch: Batch) -> Answer:
        up = original_up(batch)
        reasons = [reason or why for reason, why in zip(gaps(batch), _why_not(batch), strict=True)]
        lean = sigmoid(self.offset + self.slope * np.log(up / (1 - up)))
        sideways = batch.baseline[:, SIDEWAYS]
        said = np.stack([(1 - sideways) * lean, (1 - sideways) * (1 - lean), sideways], axis=1)
        return answer(said, batch.baseline_quantiles, reasons)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"figures": np.array([self.slope, self.offset])}

    @classmethod
    def of_arrays(cls, version: str, timeframe: Timeframe, arrays: dict[str, NDArray[Any]]) -> Self:
        slope, offset = (float(figure) for figure in arrays["figures"])
        return cls(version, slope, offset, timeframe)


def original_up(batch: Batch) -> Floats:
    """The formula's probability of up (N,), as it was written; NaN where an indicator is missing."""
    ratio = np.exp(batch.column("rvol_1h_7d"))
    momentum = np.expm1(batch.column("return_24h") * batch.scale * np.sqrt(24))
    volume_part = np.where(ratio > 1.5, 0.4 * 0.2, np.where(ratio < 0.7, -0.4 * 0.15, 0.0))
    price_part = np.where(momentum > 0.02, 0.3 * 0.25, np.where(momentum < -0.02, -0.3 * 0.2, 0.0))
    up = np.clip(0.5 + volume_part + price_part, 0.05, 0.95)
    return np.where(np.isfinite(ratio + momentum), up, np.nan)


def fit(batch: Batch, log_return: Floats, version: str) -> Rules:
    """Rules whose slope is the best on matured rows; offset stays 0, since which way a market went says
    little.
    """
    up, came = original_up(batch), classify(np.nan_to_num(log_return), batch.band)
    rows = np.isfinite(up) & np.isfinite(log_return) & (came != SIDEWAYS)
    odds, went = np.log(up[rows] / (1 - up[rows])), came[rows] == UP
    losses = [float(np.log1p(np.exp(np.where(went, -s, s) * odds)).sum()) for s in _SLOPES]
    slope = float(_SLOPES[int(np.argmin(losses))]) if rows.any() else DEFAULT_SLOPE
    return Rules(version, slope, DEFAULT_OFFSET, batch.timeframe)


def _why_not(batch: Batch) -> list[str]:
    no_volume = ~np.isfinite(batch.column("rvol_1h_7d"))
    no_momentum = ~np.isfinite(batch.column("return_24h"))
    return [
        NO_VOLUME if volume else NO_MOMENTUM if price else ""
        for volume, price in zip(no_volume, no_momentum, strict=True)
    ]
