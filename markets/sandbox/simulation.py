"""A market that nobody trades in: seeded, deterministic, and made to look like one.

**What it promises.** A price depends on (seed, epoch, token, time) alone: not on when the server was
started, when it was
asked, or which other tokens take part. The grid of 15-minute bars begins 803 days (2.2 years) before the
epoch, a UTC midnight, and runs on for as long as anybody asks. Bars are made in blocks of 32 days; each
token, each sector and the common factor draw from generators seeded by (seed, name, block) and hand their
state to the next block.

**The process**, per bar of 15 minutes; volatilities are yearly, spread over 35,040 bars.

1. Return of a token = beta * common + solana_load * solana + sector_load * sector + own.
2. common: volatility 0.46, Student-t shocks with 4.5 degrees of freedom (variance one, cut at 12
deviations). solana
   (0.35) is shared by all tokens of the ecosystem; a sector (0.55, t with 5) by those of a category (meme,
   defi, ai, …). own: by category 0.15 (BTC, ETH), 0.45 to 0.65 (infrastructure, defi, depin, gaming), 0.8 to
   0.85 (ai, meme), with t of 5 down to 3.6 degrees; spread log-normally by 0.2 from token to token. beta: 1
   to 1.5 by category, likewise.
3. Volatility clusters: every volatility is multiplied by exp(mood). The common mood is the sum of two AR(1)
of the
   log-volatility, half-lives 5 days and 4.5 hours, deviations 0.35 and 0.25; a sector has one of 2 days and
   0.40; a token two, 2 days and 2 hours, 0.40 and 0.25; sectors and tokens add 0.6 of the common mood. The
   mean variance is kept at one.
4. Seasons: volatility and volume are busiest at 15:00 UTC (about +30 %), quiet at night, a fifth lower at
weekends.
5. Log-prices are pulled towards each token's level with a half-life of 400 days, so that years later a token
has still a
   price of its kind; over days the pull is invisible. Levels run from 2.5e-8 (KIN) to 68,000 (BTC, which
   reaches 1e5).
6. Stablecoins have no factors; 0.012 of own noise is pulled to 1.00 with a half-life of 3 hours. Staked SOL
stands on
   SOL's path times a rate that grows by 7 % a year, with noise of 0.012 pulled back within 6 hours.
7. Volume in USD = usual turnover * season * (volatility / usual)^0.9 * (0.15 + |return| / volatility)^0.35 *
exp(noise),
   noise an AR(1) with a half-life of 1.5 hours and deviation 0.45. A bar's volume is spread evenly over its
   time.
8. Inside a bar the log-price goes from open to close on a Brownian bridge with one-minute knots (one of
4,096 shapes,
   scaled by 0.85 of the bar's volatility) and is straight between them; live quotes step every second.
   Highs, lows and quotes are read from the same path.
9. A few tokens are dead: their last trade lies 12 to 210 days before the epoch (SRM, SLND, MNGO, FIDA);
price and
   `last_updated` stay, volume is zero, their pair is halted. A few are new: 75, 20 and 3 days old, one
   (CHILLGUY) begins 2 days after the epoch. Of the invented tokens (`--tokens`, sim-001 and so on) every
   40th is dead and every 25th new.
10. Supplies are cap / level at the start and grow by 3 % a year; extremes are those of the token's life on
the grid; ranks
    follow the caps; trending are the tokens whose day was the most unusual in move and volume.

At the exchange most tokens have a pair against USDT (taken as one dollar) with a quarter of the token's
whole volume; very cheap and staked tokens and a few others have none, so that their candles must come from
CoinGecko's points. CoinGecko's view is renewed every 30 seconds. Times are Unix seconds; a time before the
grid has no price.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from markets.candles.resample import resample
from markets.candles.series import CandleSeries
from markets.sandbox.market import DAY, Bar, Pair, Point, Snapshot
from markets.sandbox.registry import Listing, read_registry
from markets.sandbox.simulated_board import Board, stir, supply_at
from markets.sandbox.simulated_cast import cast
from markets.sandbox.simulated_process import BAR, BARS_A_DAY, KNOTS, Floats
from markets.sandbox.simulated_tape import MINUTE, Tape

HISTORY_DAYS = 803
STEP, VIEW = 1, 30  # seconds between trades, and between CoinGecko's views
EXCHANGE_SHARE = 0.25
USUAL_TRADE = 350.0  # USD
TRENDING = 15


class SimulatedMarket:
    kind = "simulated"

    def __init__(
        self, seed: int, epoch: int, count: int | None = None, listings: Sequence[Listing] | None = None
    ) -> None:
        self.epoch = epoch // DAY * DAY
        self.identity = f"seed-{seed}"
        self.start = self.epoch - HISTORY_DAYS * DAY
        self.characters = cast(read_registry() if listings is None else listings, count, self.epoch)
        self._rows = {character.key: row for row, character in enumerate(self.characters)}
        self._tape = Tape(seed, self.characters, self.start)
        self._lock = threading.Lock()
        self._cached_board = lru_cache(maxsize=4)(Board(self._tape).at)

    def prepare(self, until: float) -> None:
        """Make the tape up to `until`, so that the first question need not wait for it."""
        self._tape.extend(self._tape.bar_at(until) + 1)

    def board(self, at: float) -> list[Snapshot]:
        with self._lock:  # a burst of requests computes one view once
            return self._cached_board(at // VIEW * VIEW)

    def last_price(self, coingecko_id: str, at: float) -> tuple[float, float] | None:
        """Unlike the board, renewed with every trade."""
        row = self._rows[coingecko_id]
        token = self.characters[row]
        moment = min(at // STEP * STEP, float(token.died_at or at))
        if moment < max(self.start, token.born_at or 0):
            return None
        return float(self._tape.prices(np.array([row]), moment)[0]), moment

    def pairs(self, at: float) -> list[Pair]:
        return [
            Pair(
                symbol=token.pair,
                base=token.listing.symbol,
                coingecko_id=token.key,
                trading=not token.is_dead(at),
                decimals=8 if token.level >= 1e-3 else 10,
                volume_share=EXCHANGE_SHARE,
            )
            for token in self.characters
            if token.pair and (token.born_at or 0) < at
        ]

    def candles(self, coingecko_id: str, interval: int, first: int, last: int, at: float) -> CandleSeries:
        row = self._rows[coingecko_id]
        first, last = self._within_life(row, first, last, interval, at)
        if last < first:
            return CandleSeries.empty()
        fine = min(interval, BAR)
        low, end = first // BAR * BAR, last + interval
        return resample(self._fine(row, fine, low, -(-end // BAR) * BAR), fine, interval).between(first, last)

    def _within_life(self, row: int, first: int, last: int, interval: int, at: float) -> tuple[int, int]:
        """First and last opening time on the grid of those candles that lie whole inside life and past."""
        token = self.characters[row]
        born = self.start if token.born_at is None else token.born_at
        over = at if token.died_at is None else min(at, token.died_at)
        latest = int(min(last, over - interval)) // interval * interval
        return -(-max(first, born) // interval) * interval, latest

    def _fine(self, row: int, interval: int, first: int, end: int) -> CandleSeries:
        """Bars of 1, 5 or 15 minutes (any whole part of a bar in minutes) in [first, end), both on the grid
        of bars.
        """
        rows = np.array([row])
        low, high = self._tape.bar_at(first), self._tape.bar_at(end)
        steps = interval // MINUTE
        knots = self._tape.knots(rows, low, high)[0]
        inside = np.arange(0, KNOTS, steps)[:, None] + np.arange(steps + 1)
        prices = self._tape.level[row] * np.exp(knots[:, inside].reshape(-1, steps + 1))
        traded = np.repeat(self._tape.traded(rows, low, high)[0], KNOTS // steps) * steps / KNOTS
        opens, closes, highs, lows = prices[:, 0], prices[:, -1], prices.max(axis=1), prices.min(axis=1)
        volume = traded / ((opens + closes + highs + lows) / 4)
        return CandleSeries(
            first + np.arange(len(prices), dtype=np.int64) * interval, opens, highs, lows, closes, volume
        )

    def running(self, coingecko_id: str, interval: int, at: float) -> Bar | None:
        row = self._rows[coingecko_id]
        token = self.characters[row]
        at = at // STEP * STEP
        opened = int(at) // interval * interval
        if token.is_dead(at) or opened < (token.born_at or self.start) or at <= opened:
            return None
        minutes = np.arange(opened, at, MINUTE, dtype=float)
        path = self._tape.prices_of(row, np.r_[minutes, at])
        bars = np.arange(self._tape.bar_at(opened), self._tape.bar_at(at) + 1)
        traded = self._tape.traded(np.array([row]), int(bars[0]), int(bars[-1]) + 1)[0]
        opens = self.start + bars * BAR
        parts = (np.minimum(opens + BAR, at) - np.maximum(opens, opened)) / BAR
        usd = float((traded * parts).sum())
        mean = (path[0] + path[-1] + path.max() + path.min()) / 4
        return Bar(
            opened,
            float(path[0]),
            float(path.max()),
            float(path.min()),
            float(path[-1]),
            usd / float(mean),
            1 + int(usd * EXCHANGE_SHARE / USUAL_TRADE),
        )

    def chart(self, coingecko_id: str, step: int, first: float, last: float, at: float) -> list[Point]:
        """As CoinGecko's charts: up to a tenth of a step late, and the newest point is the present view."""
        row = self._rows[coingecko_id]
        token = self.characters[row]
        at = at // VIEW * VIEW
        over = min(last, at, token.died_at or at)
        begin = max(first, token.born_at or 0, self.start + DAY)
        grid = np.arange(-(-begin // step) * step, over, step)
        moments = grid + (grid // step * 7919 % 97) / 97 * step / 10
        moments = moments[moments < over] // STEP * STEP
        if last >= at and over == at and at > begin:
            moments = np.r_[moments, at]
        if not len(moments):
            return []
        prices = self._tape.prices_of(row, moments)
        volumes = self._volumes(row, moments)
        return [
            Point(
                float(moment),
                float(price),
                float(price) * supply_at(token, self.start, float(moment)).circulating,
                float(volume),
            )
            for moment, price, volume in zip(moments, prices, volumes, strict=True)
        ]

    def _volumes(self, row: int, moments: Floats) -> Floats:
        """USD of the 24 h before each moment, by whole bars."""
        bars = ((moments - self.start) // BAR).astype(np.int64)
        first = max(int(bars[0]) - BARS_A_DAY, self._tape.bar_at(self.characters[row].born_at or self.start))
        sums = np.r_[0.0, np.cumsum(self._tape.traded(np.array([row]), first, int(bars[-1]) + 1)[0])]
        return np.asarray(sums[bars - first] - sums[np.maximum(bars - first - BARS_A_DAY, 0)])

    def sparkline(self, coingecko_id: str, at: float) -> list[float]:
        row = self._rows[coingecko_id]
        token = self.characters[row]
        over = min(at, token.died_at or at)
        hour = int(over) // 3600 * 3600
        opens = hour - BAR - np.arange(167, -1, -1) * 3600
        opens = opens[opens >= (token.born_at or self.start)]
        if not len(opens):
            return []
        return [float(price) for price in self._tape.closes(row, (opens - self.start) // BAR)]

    def trending(self, at: float) -> list[str]:
        """Renewed every ten minutes."""
        board = self.board(at // 600 * 600)
        scored = [
            (stir(one), one.listing.coingecko_id) for one in board if one.listing.category != "stablecoin"
        ]
        return [key for _, key in sorted(scored, reverse=True)[:TRENDING]]
