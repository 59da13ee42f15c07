"""What quarter-hour candles add: the last minutes, and volatility from closer. NaN where there are none."""

import numpy as np

from predictions.features.history import WINDOW_QUARTERS, Floats
from predictions.features.rolling import Running, fading_means
from predictions.features.view import Features, View, log_ratio

RETURN_QUARTERS = (1, 2, 3, 4, 8, 16)
VOLATILITY_QUARTERS = (4, 16, 48, 96)


def quarters(view: View) -> Features:
    for count in RETURN_QUARTERS:
        yield f"return_{count * 15}m", view.past_return(count)
    for count in VOLATILITY_QUARTERS:
        mean = view.squares.mean(view.rows, count)
        yield f"volatility_{count * 15}m", view.against_usual(np.sqrt(np.maximum(mean, 0.0)))
    (faded,) = fading_means(view.moved**2, (48,), WINDOW_QUARTERS - 1)
    yield "fading_volatility_720m", view.against_usual(np.sqrt(view.now(faded)))
    parkinson = Running(np.log(view.high / view.low) ** 2 / (4 * np.log(2)))
    for count in (1, 4, 16):
        mean = parkinson.mean(view.rows, count)
        yield f"parkinson_{count * 15}m", view.against_usual(np.sqrt(np.maximum(mean, 0.0)))
    running = Running(view.volume)
    yield "rvol_15m_24h", log_ratio(running.mean(view.rows, 1), running.mean(view.rows, 96))
    yield "rvol_60m_24h", log_ratio(running.mean(view.rows, 4), running.mean(view.rows, 96))
    yield "profile_next_15m", _profile(view)


def _profile(view: View) -> Floats:
    """Usual size of a move in the coming quarter hour, from the hour around it on the four days before."""
    seen = np.stack([view.sizes.mean(view.rows + 2 - 96 * back, 4) for back in range(1, 5)])
    known = np.isfinite(seen).sum(axis=0)
    mean = np.where(
        known >= 2, np.where(np.isfinite(seen), seen, 0.0).sum(axis=0) / np.maximum(known, 1), np.nan
    )
    return log_ratio(mean, view.scale * np.sqrt(view.hours))
