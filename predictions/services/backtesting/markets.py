"""The market of a back-test: chosen series as one history, shown in full, young, or as closes alone."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from core.lib.errors import BadInput
from predictions.features.frame import Floats, History, Quarters
from predictions.horizons import DAY, Timeframe
from predictions.services.backtesting.plan import Plan
from predictions.services.candle_folders import CandleFolders, coin_of, is_perpetual

BARS = ("close", "high", "low", "volume")
ENOUGH_QUARTERS = 180 * 96


@dataclass(frozen=True, eq=False)
class Market:
    """`history` holds the plan's series; `tested` are columns of it."""

    history: History
    tested: tuple[int, ...]
    plan: Plan

    @classmethod
    def of(cls, history: History, plan: Plan) -> "Market":
        return cls(history, _columns(history, plan.tokens), plan)

    def taught(self, timeframe: Timeframe) -> tuple[int, ...]:
        """Columns of the series that engines of this timeframe learn from."""
        return _columns(self.history, self.plan.taught(timeframe))

    def names(self) -> list[str]:
        return [str(self.history.tokens[column]) for column in self.tested]


def _columns(history: History, names: Sequence[str]) -> tuple[int, ...]:
    place = {name: column for column, name in enumerate(history.tokens)}
    return tuple(place[name] for name in names if name in place)


def choose(
    folders: CandleFolders,
    asked: Sequence[str],
    trained: Sequence[str],
    held_out: Sequence[str],
    *,
    young: bool = False,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Series to test and series to learn from. A coin is learned from once: its spot and its perpetual series
    tell the same story, and would count twice. `young`: what is tested is held out, since it looks new.
    """
    known = folders.symbols
    if not known:
        raise BadInput("The folders hold no hourly candles (SYMBOL-1h.csv or .csv.gz, or finer files).")
    chosen, own, out = (_all_of(folders, names) for names in (asked, trained, held_out))
    spot = [name for name in known if not is_perpetual(name)]
    tested = tuple(dict.fromkeys([*(chosen or ([] if out else spot or known)), *out]))
    unseen = {coin_of(name) for name in (tested if young else out)}
    taught = tuple(name for name in own or _one_for_each_coin(tested, known) if coin_of(name) not in unseen)
    if not taught:
        raise BadInput("Nothing is left to learn from; hold out fewer tokens, or add candles of others.")
    return tested, taught


def _all_of(folders: CandleFolders, symbols: Sequence[str]) -> list[str]:
    found = {symbol: folders.of_symbol(symbol) for symbol in symbols}
    missing = [symbol for symbol, names in found.items() if not names]
    if missing:
        there = ", ".join(folders.symbols)
        raise BadInput(f"There are no hourly candles of {', '.join(missing)}; there are {there}.")
    return list(dict.fromkeys(name for names in found.values() for name in names))


def _one_for_each_coin(tested: Sequence[str], known: Sequence[str]) -> list[str]:
    """What is tested first (spot before perpetual), then others of the kind that is tested, then the rest."""
    perpetual = all(is_perpetual(name) for name in tested)
    order = sorted(
        known,
        key=lambda name: (name not in tested, is_perpetual(name) != perpetual, is_perpetual(name), name),
    )
    kinds: dict[str, bool] = {}
    for name in order:
        kinds.setdefault(coin_of(name), is_perpetual(name))
    return [name for name in known if is_perpetual(name) == kinds[coin_of(name)]]


def finer(folders: CandleFolders, taught: Sequence[str], first: int) -> tuple[str, ...]:
    """The same coins for timeframes below an hour: of a coin's spot and perpetual series that with more quarter
    hours before `first`, since one of them may have next to none.
    """
    chosen: dict[str, str] = {}
    for name in taught:
        rivals = [one for one in folders.symbols if coin_of(one) == coin_of(name)]
        quarters = {one: _quarters_before(folders, one, first) for one in rivals}
        best = max(rivals, key=lambda one: (quarters[one], one == name))
        chosen[name] = name if quarters[name] >= ENOUGH_QUARTERS else best
    return tuple(dict.fromkeys(chosen.values()))


def _quarters_before(folders: CandleFolders, name: str, first: int) -> int:
    run = folders.series(name, 900)
    return 0 if run is None else int(np.searchsorted(run.open_times, first))


def leader(folders: CandleFolders, coin: str, first: int, end: int) -> str | None:
    """The series that stands for BTC or ETH: the one with the most hours in the time tested, spot if equal."""
    found = [
        name for name in folders.symbols if coin_of(name) == coin and folders.series(name, 3600) is not None
    ]

    def hours(name: str) -> int:
        run = folders.series(name, 3600)
        return len(run.between(first - 91 * DAY, end)) if run is not None else 0

    return max(found, key=lambda name: (hours(name), not is_perpetual(name)), default=None)


def read_market(folders: CandleFolders, plan: Plan) -> History:
    history = folders.history(plan.series, plan.btc, plan.eth)
    return closes_alone(history) if plan.closes_only else history


def closes_alone(history: History) -> History:
    """As from a source without highs, lows and volume."""
    nothing: Floats = np.full(history.close.shape, np.nan)
    quarters = history.quarters
    if quarters is not None:
        none: Floats = np.full(quarters.close.shape, np.nan)
        quarters = Quarters(quarters.times, quarters.close, none, none, none)
    return replace(history, quarters=quarters, high=nothing, low=nothing, volume=nothing)


def columns(history: History, chosen: Sequence[int]) -> History:
    """Some columns; BTC and ETH keep their role where they are among them."""
    order = list(chosen)
    quarters = history.quarters
    if quarters is not None:
        bars = (np.ascontiguousarray(getattr(quarters, name)[:, order]) for name in BARS)
        quarters = Quarters(quarters.times, *bars)
    close, high, low, volume = (np.ascontiguousarray(getattr(history, name)[:, order]) for name in BARS)
    btc, eth = (order.index(one) if one in order else None for one in (history.btc, history.eth))
    tokens = tuple(history.tokens[column] for column in order)
    return History(tokens, history.hours, close, high, low, volume, quarters, btc, eth)


def with_leaders(history: History, chosen: Sequence[int]) -> list[int]:
    """The columns chosen, BTC's and ETH's behind them where they are not among them."""
    leaders = [column for column in (history.btc, history.eth) if column is not None]
    return list(dict.fromkeys([*chosen, *leaders]))


def save_history(path: Path, history: History) -> None:
    """For processes that share one reading of the files."""
    parts = {name: getattr(history, name) for name in ("hours", *BARS)}
    if history.quarters is not None:
        parts |= {f"quarter_{one.name}": getattr(history.quarters, one.name) for one in fields(Quarters)}
    leaders = [-1 if column is None else column for column in (history.btc, history.eth)]
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        np.savez(file, tokens=np.array(history.tokens, np.str_), leaders=np.array(leaders), **parts)
    draft.replace(path)


def load_history(path: Path) -> History:
    with np.load(path, allow_pickle=False) as file:
        parts = {name: file[name] for name in file.files}
    btc, eth = (None if column < 0 else int(column) for column in parts.pop("leaders"))
    bars = [parts.pop(name) for one in fields(Quarters) if (name := f"quarter_{one.name}") in parts]
    tokens = tuple(str(name) for name in parts.pop("tokens"))
    return History(tokens, quarters=Quarters(*bars) if bars else None, btc=btc, eth=eth, **parts)
