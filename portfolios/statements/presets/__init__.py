"""Whose files are known, in the order in which they are asked."""

from collections.abc import Sequence

from portfolios.statements.presets.base import Preset
from portfolios.statements.presets.binance_ledger import BinanceLedger
from portfolios.statements.presets.binance_trades import BinanceTrades
from portfolios.statements.presets.coinbase import Coinbase
from portfolios.statements.presets.cointracking import CoinTracking
from portfolios.statements.presets.khalsi import Khalsi
from portfolios.statements.presets.koinly import Koinly
from portfolios.statements.presets.kraken_ledgers import KrakenLedgers
from portfolios.statements.presets.kraken_trades import KrakenTrades
from portfolios.statements.presets.kucoin import KuCoinEarn, KuCoinOrders, KuCoinTransfers

ALL: tuple[Preset, ...] = (
    Khalsi(),
    BinanceTrades(),
    BinanceLedger(),
    Coinbase(),
    KrakenLedgers(),
    KrakenTrades(),
    KuCoinOrders(),
    KuCoinTransfers(),
    KuCoinEarn(),
    CoinTracking(),
    Koinly(),
)
PRESETS = {preset.name: preset for preset in ALL}
OWN = "own"
"""Instead of a preset: the owner says which column is what."""


def recognised(header: Sequence[str]) -> Preset | None:
    return next((preset for preset in ALL if preset.knows(header)), None)
