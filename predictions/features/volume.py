"""Volume of the token's own candles against its past: RVOL (relative volume) and VROC (rate of change), as
logarithms.

A rolling 24-hour volume, as quotes have it, is another thing and must not be fed here.
"""

from predictions.features.rolling import Running
from predictions.features.view import Features, View, log_ratio


def volume(view: View) -> Features:
    running = Running(view.volume)
    mean = {hours: running.mean(view.rows, hours) for hours in (1, 4, 24, 168, 720)}
    yield "rvol_1h_24h", log_ratio(mean[1], mean[24])
    yield "rvol_1h_7d", log_ratio(mean[1], mean[168])
    yield "rvol_4h_7d", log_ratio(mean[4], mean[168])
    yield "rvol_24h_7d", log_ratio(mean[24], mean[168])
    yield "rvol_24h_30d", log_ratio(mean[24], mean[720])
    yield "vroc_1h", log_ratio(mean[1], running.mean(view.rows - 1, 1))
    yield "vroc_4h", log_ratio(mean[4], running.mean(view.rows - 4, 4))
    yield "vroc_24h", log_ratio(mean[24], running.mean(view.rows - 24, 24))
