"""Which series of candle folders engines for serving are taught from."""

from datetime import datetime

from core.lib.clock import from_seconds
from core.lib.errors import NotEnoughHistory
from predictions.features.frame import History
from predictions.horizons import HOUR, Timeframe
from predictions.services.backtesting.markets import choose, leader
from predictions.services.candle_folders import CandleFolders, is_perpetual


def lesson_of(folders: CandleFolders, timeframe: Timeframe) -> History:
    """Each coin once: by the hour its spot series, by the quarter hour its perpetual one where there is one, since
    quarters of those reach further back.
    """
    fine = [name for name in folders.symbols if is_perpetual(name)] if timeframe.seconds < HOUR else []
    _, taught = choose(folders, fine, [], [])
    end = int(folders_end(folders).timestamp())
    btc, eth = (leader(folders, coin, 0, end) for coin in ("BTC", "ETH"))
    series = list(dict.fromkeys([*taught, *(one for one in (btc, eth) if one)]))
    return folders.history(series, btc, eth)


def folders_end(folders: CandleFolders) -> datetime:
    """When the last candle closed: the market time of whoever learns from them."""
    runs = [run for name in folders.symbols if (run := folders.series(name, HOUR)) is not None and len(run)]
    if not runs:
        raise NotEnoughHistory(
            "The folders hold no hourly candles (SYMBOL-1h.csv or .csv.gz, or finer files)."
        )
    return from_seconds(max(int(run.open_times[-1]) for run in runs) + HOUR)
