"""The random process of the simulated market, block by block. `simulation.py` states it in words.

A block is 32 days of 15-minute bars. Each token, each sector and the common factor draw from a generator
seeded by (seed, name, block), and pass their state on to the next block; so a number depends on neither the
moment at which it was asked for nor on the other tokens that take part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from markets.sandbox.simulated_cast import Character, stable_number

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

BAR, DAY = 900, 86_400
BARS_A_DAY = DAY // BAR
BLOCK_DAYS = 32
BLOCK_BARS = BLOCK_DAYS * BARS_A_DAY
BARS_A_YEAR = 365 * BARS_A_DAY
KNOTS = 15  # minutes of a bar
BRIDGES = 4096
RUN = 64

COMMON_VOLATILITY, SOLANA_VOLATILITY, SECTOR_VOLATILITY = 0.46, 0.35, 0.55  # yearly
COMMON_TAILS, SECTOR_TAILS = 4.5, 5.0
PULL_HOME_DAYS, PULL_TO_PEG_DAYS, PULL_TO_RATE_DAYS = (
    400.0,
    0.125,
    0.25,
)  # half-lives of distance from the level
STAKED_NOISE, STAKED_YIELD = 0.012, 0.07  # yearly

# Log-volatility: the sum of AR(1) processes, each (half-life in bars, standard deviation).
COMMON_MOODS = ((5 * BARS_A_DAY, 0.35), (18, 0.25))
OWN_MOODS = ((2 * BARS_A_DAY, 0.40), (8, 0.25))
OWN_SHARE_OF_COMMON_MOOD = 0.6
VOLUME_NOISE = (6, 0.45)  # AR(1): half-life in bars, standard deviation
VOLUME_BY_VOLATILITY, VOLUME_BY_MOVE = 0.9, 0.35


@dataclass(frozen=True)
class Block:
    """One block of all tokens: rows are tokens, columns bars."""

    log_close: Singles  # relative to the token's level
    before: Singles  # the same for the last bar of the block before, one column
    spread: Singles  # scale of the path inside the bar
    bridge: NDArray[np.uint16]  # which of the prepared paths it follows
    traded: Singles  # USD


def pull(half_life: float) -> float:
    """What is left of a distance after one bar."""
    return float(0.5 ** (1 / half_life))


def bridges(seed: int) -> Singles:
    """Brownian bridges in 15 steps with unit variance over the bar: the shapes of paths from 0 back to 0."""
    steps = np.random.default_rng(stable_number(seed, "bridges")).standard_normal((BRIDGES, KNOTS)) / np.sqrt(
        KNOTS
    )
    walks = np.concatenate([np.zeros((BRIDGES, 1)), np.cumsum(steps, axis=1)], axis=1)
    tied = walks - walks[:, -1:] * np.linspace(0, 1, KNOTS + 1)
    tied[:, -1] = 0
    return np.asarray(tied, np.float32)


def season(first_bar_time: int) -> Floats:
    """How much livelier than on average each bar of a block is: busiest at 15:00 UTC, quiet at night and
    weekends.
    """
    times = first_bar_time + np.arange(BLOCK_BARS) * BAR
    hours = times % DAY / 3600
    weekend = (times // DAY + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    daily = 1 + 0.22 * np.cos((hours - 15) * np.pi / 12) + 0.08 * np.cos((hours - 14.5) * np.pi / 6)
    return np.asarray(daily * np.where(weekend, 0.8, 1.06))


def student(draw: np.random.Generator, tails: float) -> Floats:
    """Fat-tailed shocks of unit variance, cut at 12 standard deviations."""
    shocks = draw.standard_t(tails, BLOCK_BARS) * np.sqrt((tails - 2) / tails)
    return np.asarray(np.clip(shocks, -12, 12))


def autoregress(shocks: Floats, keep: Floats, state: Floats) -> Floats:
    """y[t] = keep * y[t-1] + shocks[t] along the last axis, y[-1] = `state`; `keep` and `state` are one a
    row.

    Runs of 64 bars are summed at once with weights keep**-t (within a float's range for half-lives over a
    bar), then joined. SciPy's lfilter does the same, but importing it would double the time that the sandbox
    takes to start.
    """
    runs = shocks.reshape(len(shocks), -1, RUN)
    powers = keep[:, None] ** np.arange(RUN)
    path = np.cumsum(runs / powers[:, None], axis=-1) * powers[:, None]
    for number in range(runs.shape[1]):
        path[:, number] += keep[:, None] * powers * state[:, None]
        state = path[:, number, -1]
    return np.asarray(path.reshape(shocks.shape))


class Mood:
    """Log-volatility of several rows: a sum of AR(1) processes, shifted so that the mean variance is one."""

    def __init__(self, parts: Sequence[tuple[float, float]], rows: int) -> None:
        self._parts = [(pull(half_life), deviation) for half_life, deviation in parts]
        self._states = [np.zeros(rows) for _ in parts]
        self._shift = sum(deviation**2 for _, deviation in parts)

    def advance(self, shocks: Floats) -> Floats:
        """`shocks` has one layer for each part: (parts, rows, bars)."""
        total = np.full(shocks.shape[1:], -self._shift)
        for number, (keep, deviation) in enumerate(self._parts):
            scaled = shocks[number] * (deviation * np.sqrt(1 - keep**2))
            state = self._states[number]
            path = autoregress(scaled, np.full(len(state), keep), state)
            self._states[number] = path[:, -1].copy()
            total += path
        return total


class Process:
    """Makes blocks in order; `advance` may only be called for the next one."""

    def __init__(self, seed: int, tokens: Sequence[Character], start: int) -> None:
        self._seed, self._tokens, self._start = seed, tokens, start
        self._number = 0
        rows = len(tokens)
        self._sectors = sorted({token.listing.category for token in tokens})
        self._common_mood = Mood(COMMON_MOODS, 1)
        self._sector_mood = Mood(OWN_MOODS[:1], len(self._sectors) + 1)
        self._own_mood = Mood(OWN_MOODS, rows)
        self._noise = Mood((VOLUME_NOISE,), rows)
        self._gap = np.array([self._first(token) for token in tokens])  # the part that is pulled home
        self._log_price = self._gap + 0.0
        self._keep = np.array([self._pull(token) for token in tokens])
        self._sol = next((row for row, token in enumerate(tokens) if token.key == "solana"), None)

    def _first(self, token: Character) -> float:
        """Where the token stands when the grid begins, relative to its level."""
        if token.is_pegged or token.staked_rate:
            return 0.0
        draw = np.random.default_rng(stable_number(self._seed, "first", token.key))
        return float(draw.normal(0, 0.25 + 0.35 * token.own_volatility))

    def _pull(self, token: Character) -> float:
        if token.is_pegged:
            return pull(PULL_TO_PEG_DAYS * BARS_A_DAY)
        return pull((PULL_TO_RATE_DAYS if self._is_staked(token) else PULL_HOME_DAYS) * BARS_A_DAY)

    def _is_staked(self, token: Character) -> bool:
        return token.staked_rate is not None

    def _draw(self, name: str) -> np.random.Generator:
        return np.random.default_rng(stable_number(self._seed, name, self._number))

    def advance(self) -> Block:
        """The next block of all tokens."""
        lively = season(self._start + self._number * BLOCK_BARS * BAR)
        mood, common, solana, sectors = self._factors(lively)
        shocks, moods, noise, shapes = self._own_draws()
        own_mood = np.exp(self._own_mood.advance(moods) + OWN_SHARE_OF_COMMON_MOOD * mood)
        returns, expected = self._returns(lively, mood, common, solana, sectors, shocks * own_mood, own_mood)
        before = self._log_price.astype(np.float32)[:, None]
        log_price = self._levels(returns)
        self._number += 1
        return Block(
            log_close=log_price.astype(np.float32),
            before=before,
            spread=self._spreads(expected),
            bridge=self._like_sol(shapes),
            traded=self._traded(returns, expected, lively, self._noise.advance(noise)),
        )

    def _factors(self, lively: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Common mood, and the returns of the common factor, of Solana's factor and of the sectors."""
        draw = self._draw("common")
        shock = student(draw, COMMON_TAILS)
        mood = self._common_mood.advance(draw.standard_normal((len(COMMON_MOODS), 1, BLOCK_BARS)))[0]
        common = shock * np.exp(mood) * lively * _each_bar(COMMON_VOLATILITY)
        draws = [self._draw(f"sector {name}") for name in ["solana", *self._sectors]]
        shocks = np.array([student(one, SECTOR_TAILS) for one in draws])
        moods = np.array([[one.standard_normal(BLOCK_BARS) for one in draws]])
        returns = shocks * np.exp(self._sector_mood.advance(moods) + OWN_SHARE_OF_COMMON_MOOD * mood) * lively
        solana = returns[0] * _each_bar(SOLANA_VOLATILITY)
        return mood, common, solana, returns[1:] * _each_bar(SECTOR_VOLATILITY)

    def _own_draws(self) -> tuple[Floats, Floats, Floats, NDArray[np.uint16]]:
        rows = len(self._tokens)
        shocks = np.empty((rows, BLOCK_BARS))
        moods = np.empty((len(OWN_MOODS), rows, BLOCK_BARS))
        noise = np.empty((1, rows, BLOCK_BARS))
        shapes = np.empty((rows, BLOCK_BARS), np.uint16)
        for row, token in enumerate(self._tokens):
            draw = self._draw(f"token {token.key}")
            shocks[row] = student(draw, token.tails)
            moods[:, row] = draw.standard_normal((len(OWN_MOODS), BLOCK_BARS))
            noise[0, row] = draw.standard_normal(BLOCK_BARS)
            shapes[row] = draw.integers(0, BRIDGES, BLOCK_BARS, dtype=np.uint16)
        return shocks, moods, noise, shapes

    def _returns(
        self,
        lively: Floats,
        mood: Floats,
        common: Floats,
        solana: Floats,
        sectors: Floats,
        own: Floats,
        own_mood: Floats,
    ) -> tuple[Floats, Floats]:
        """Log-returns before the pull home, and the standard deviation that was to be expected of each."""
        tokens = self._tokens
        beta = _column([token.beta for token in tokens])
        solana_load = _column([token.solana_load for token in tokens])
        sector_load = _column([token.sector_load for token in tokens])
        volatility = _each_bar(_column([self._own_volatility(token) for token in tokens]))
        sector = sectors[[self._sectors.index(token.listing.category) for token in tokens]]
        free = _column([0.0 if self._is_staked(token) else 1.0 for token in tokens])
        returns = (
            free * (beta * common + solana_load * solana + sector_load * sector) + volatility * own * lively
        )
        shared = (beta * _each_bar(COMMON_VOLATILITY) * np.exp(mood)) ** 2
        narrow = (solana_load * _each_bar(SOLANA_VOLATILITY)) ** 2
        narrow = narrow + (sector_load * _each_bar(SECTOR_VOLATILITY)) ** 2
        apart = (narrow * np.exp(2 * OWN_SHARE_OF_COMMON_MOOD * mood)) + (volatility * own_mood) ** 2
        return returns, lively * np.sqrt(shared + apart)

    def _own_volatility(self, token: Character) -> float:
        return STAKED_NOISE if self._is_staked(token) else token.own_volatility

    def _levels(self, returns: Floats) -> Floats:
        """Log-prices relative to the levels. Staked tokens stand on SOL's own path, times their growing
        rate.
        """
        path = autoregress(returns, self._keep, self._gap)
        self._gap = path[:, -1].copy()
        for row, token in enumerate(self._tokens):
            if token.staked_rate is not None and self._sol is not None:
                path[row] += path[self._sol] + self._rate(token)
        self._log_price = path[:, -1].copy()
        return path

    def _rate(self, token: Character) -> Floats:
        years = (self._number * BLOCK_BARS + np.arange(1, BLOCK_BARS + 1)) / BARS_A_YEAR
        return np.asarray(np.log(token.staked_rate or 1.0) + STAKED_YIELD * years)

    def _spreads(self, expected: Floats) -> Singles:
        return self._like_sol(np.minimum(0.85 * expected, 0.2).astype(np.float32))

    def _like_sol(self, values: NDArray[Any]) -> NDArray[Any]:
        """Staked tokens move inside a bar as SOL does."""
        for row, token in enumerate(self._tokens):
            if self._is_staked(token) and self._sol is not None:
                values[row] = values[self._sol]
        return values

    def _traded(self, returns: Floats, expected: Floats, lively: Floats, noise: Floats) -> Singles:
        """USD a bar: more when the market is volatile, when the bar itself moved, and by mood of its own."""
        usual = _column(
            [token.level * token.supply * token.turnover_a_day / BARS_A_DAY for token in self._tokens]
        )
        calm = _each_bar(_column([_usual_volatility(token) for token in self._tokens]))
        tension = VOLUME_BY_VOLATILITY * np.log(expected / calm)
        move = VOLUME_BY_MOVE * np.log(np.abs(returns) / expected + 0.15)
        return np.asarray(usual * lively * np.exp(tension + move + noise), np.float32)


def _usual_volatility(token: Character) -> float:
    parts = (
        token.beta * COMMON_VOLATILITY,
        token.solana_load * SOLANA_VOLATILITY,
        token.sector_load * SECTOR_VOLATILITY,
        token.own_volatility,
    )
    return float(np.sqrt(sum(part**2 for part in parts)))


def _each_bar(yearly: Floats | float) -> Floats:
    return np.asarray(yearly / np.sqrt(BARS_A_YEAR), float)


def _column(values: Sequence[float]) -> Floats:
    return np.array(values, float)[:, None]
