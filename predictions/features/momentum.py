"""Where the price stands in its recent range, how wide that range is, and RSI.

RSI here is Cutler's: gains over gains and losses, in plain sums, between 0 and 1.
"""

import numpy as np

from predictions.features.rolling import Running, divide, rolling_max, rolling_min
from predictions.features.view import Features, View


def momentum(view: View) -> Features:
    high, low = np.fmax(view.high, view.close), np.fmin(view.low, view.close)
    for name, hours in (("1d", 24), ("7d", 168), ("30d", 720)):
        top, bottom = np.log(view.now(rolling_max(high, hours))), np.log(view.now(rolling_min(low, hours)))
        width = top - bottom
        yield f"place_in_range_{name}", divide(view.now(view.logs) - bottom, width, width > 0)
        yield f"range_{name}", width / (view.scale * np.sqrt(hours))
    gains, losses = Running(np.maximum(view.moved, 0.0)), Running(np.maximum(-view.moved, 0.0))
    for hours in (14, 72):
        up, down = gains.mean(view.rows, hours), losses.mean(view.rows, hours)
        yield f"rsi_{hours}h", divide(up, up + down, up + down > 0)
