"""How much a token has moved of late against what is usual for it, all as logarithms of that ratio.

Parkinson's estimate is the mean square of ln(high ÷ low), over 4·ln 2. Garman and Klass take half of that
square less (2·ln 2 − 1) times the square of ln(close ÷ open); since these markets never close, open is the
close before.
"""

import numpy as np

from predictions.features.history import WINDOW_HOURS, Floats
from predictions.features.rolling import Running, fading_means, lagged, rolling_max
from predictions.features.view import Features, View

VOLATILITY_HOURS = (4, 8, 12, 24, 48, 72, 168, 336, 720)
FADING_HOURS = (12, 72, 264)


def volatility(view: View) -> Features:
    """The last two look beyond what M(t) is the mean of, so that a scale out of the ordinary is known as such."""
    for hours in VOLATILITY_HOURS:
        yield (
            f"volatility_{hours}h",
            view.against_usual(np.sqrt(_not_negative(view.squares.mean(view.rows, hours)))),
        )
    for hours in (4, 24, 168):
        yield f"mean_move_{hours}h", view.against_usual(1.2533 * view.sizes.mean(view.rows, hours))
    yield (
        "volatility_1440h",
        view.against_usual(np.sqrt(_not_negative(view.squares.mean(view.rows, 1440, 0.5)))),
    )
    yield "mean_move_2160h", view.against_usual(1.2533 * view.sizes.mean(view.rows, 2160, 0.6))
    faded = fading_means(view.moved**2, FADING_HOURS, WINDOW_HOURS - 1)
    for hours, mean in zip(FADING_HOURS, faded, strict=True):
        yield f"fading_volatility_{hours}h", view.against_usual(np.sqrt(view.now(mean)))
    yield "largest_move_24h", view.now(rolling_max(np.abs(view.moved), 24)) / view.scale
    yield "volatility_of_volatility_7d", _volatility_of_volatility(view)


def ranges(view: View) -> Features:
    """From highs and lows; NaN where the source has none."""
    reach = np.log(view.high / view.low) ** 2
    parkinson = Running(reach / (4 * np.log(2)))
    for hours in (1, 4, 24, 168):
        yield (
            f"parkinson_{hours}h",
            view.against_usual(np.sqrt(_not_negative(parkinson.mean(view.rows, hours)))),
        )
    body = (view.logs - lagged(view.logs, 1)) ** 2
    garman_klass = Running(0.5 * reach - (2 * np.log(2) - 1) * body)
    for hours in (24, 168):
        yield (
            f"garman_klass_{hours}h",
            view.against_usual(np.sqrt(_not_negative(garman_klass.mean(view.rows, hours)))),
        )


def _volatility_of_volatility(view: View) -> Floats:
    """Deviation, over 7 days, of the logarithm of 4-hour volatility."""
    every = np.arange(len(view.moved))
    mean = view.squares.mean(every, 4)
    calm = np.log(np.maximum(mean, 1e-16)) / 2
    first, second = Running(calm).mean(view.rows, 168), Running(calm**2).mean(view.rows, 168)
    return np.asarray(np.sqrt(_not_negative(second - first**2)))


def _not_negative(values: Floats) -> Floats:
    """Differences of running sums may miss zero by a rounding error."""
    return np.asarray(np.maximum(values, 0.0))
