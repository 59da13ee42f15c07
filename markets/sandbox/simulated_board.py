"""All tokens of the simulated market at one moment, as CoinGecko lists them."""

from dataclasses import replace

import numpy as np

from markets.sandbox.market import DAY, PERIODS, Extremes, Snapshot, Supply
from markets.sandbox.simulated_cast import Character
from markets.sandbox.simulated_process import BAR, BARS_A_DAY, Floats
from markets.sandbox.simulated_tape import MINUTE, Tape, Whole

YEARLY_ISSUE = 0.03


class Board:
    """Reads whole views off a tape: one pass over all living tokens, so that 250 cost little more."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def at(self, moment: float) -> list[Snapshot]:
        """By market cap; empty in the first day of the grid, which has no day before it."""
        tokens = self._tape.tokens
        if moment < self._tape.start + DAY:
            return []
        shown = [row for row, token in enumerate(tokens) if (token.born_at or 0) < moment]
        alive = [row for row in shown if not tokens[row].is_dead(moment)]
        bar = self._tape.bar_at(moment)
        past = [*self._tape.highest(bar), *self._tape.lowest(bar)]
        found = self._living(np.array(alive), moment, past) if alive else []
        found += [self._dead(row, past) for row in shown if tokens[row].is_dead(moment)]
        found.sort(key=lambda one: -(one.market_cap or 0))
        return [replace(snapshot, rank=rank) for rank, snapshot in enumerate(found, start=1)]

    def _living(self, rows: Whole, moment: float, past: list[Floats]) -> list[Snapshot]:
        prices = self._tape.prices(rows, moment)
        before = {
            name: self._tape.prices(rows, moment - seconds)
            for name, seconds in PERIODS.items()
            if moment - seconds > self._tape.start
        }
        high, low, traded = self._day(rows, moment)
        return [
            self._snapshot(
                row,
                moment,
                float(prices[i]),
                {name: float(then[i]) for name, then in before.items()},
                (
                    max(float(high[i]), float(prices[i])),
                    min(float(low[i]), float(prices[i])),
                    float(traded[i]),
                ),
                past,
            )
            for i, row in enumerate(rows.tolist())
        ]

    def _day(self, rows: Whole, moment: float) -> tuple[Floats, Floats, Floats]:
        """High, low and USD traded in the last 24 h; of the present bar only what has been."""
        bar = self._tape.bar_at(moment)
        first = bar - BARS_A_DAY
        knots = self._tape.knots(rows, first, bar + 1)
        gone = (moment - self._tape.start) % BAR
        path = np.concatenate(
            [knots[:, :-1].reshape(len(rows), -1), knots[:, -1, : int(gone // MINUTE) + 1]], axis=1
        )
        level, part = self._tape.level[rows], gone / BAR
        usd = self._tape.traded(rows, first, bar + 1)
        traded = usd[:, 1:-1].sum(axis=1) + usd[:, 0] * (1 - part) + usd[:, -1] * part
        return level * np.exp(path.max(axis=1)), level * np.exp(path.min(axis=1)), traded

    def _snapshot(
        self,
        row: int,
        moment: float,
        price: float,
        before: dict[str, float],
        day: tuple[float, float, float],
        past: list[Floats],
    ) -> Snapshot:
        """A token younger than a day has no high, low and volume of a day."""
        token = self._tape.tokens[row]
        born = self._tape.start if token.born_at is None else token.born_at
        earlier = {name: then for name, then in before.items() if moment - PERIODS[name] >= born}
        high, low, traded = day if "24h" in earlier else (None, None, None)
        supply = supply_at(token, self._tape.start, moment)
        return Snapshot(
            listing=token.listing,
            price=price,
            observed_at=moment,
            earlier=earlier,
            high_24h=high,
            low_24h=low,
            volume_24h=traded,
            market_cap=price * supply.circulating,
            market_cap_24h_ago=self._cap_a_day_ago(token, moment, earlier),
            supply=supply,
            extremes=_extremes(row, past, (high or price, low or price), moment),
        )

    def _cap_a_day_ago(self, token: Character, moment: float, earlier: dict[str, float]) -> float | None:
        if "24h" not in earlier:
            return None
        return earlier["24h"] * supply_at(token, self._tape.start, moment - DAY).circulating

    def _dead(self, row: int, past: list[Floats]) -> Snapshot:
        token = self._tape.tokens[row]
        died = float(token.died_at or 0)
        price = float(self._tape.prices(np.array([row]), died)[0])
        supply = supply_at(token, self._tape.start, died)
        return Snapshot(
            listing=token.listing,
            price=price,
            observed_at=died,
            volume_24h=0.0,
            market_cap=price * supply.circulating,
            supply=supply,
            extremes=_extremes(row, past, (price, price), died),
        )


def supply_at(token: Character, start: float, moment: float) -> Supply:
    issued = token.supply * (1 + YEARLY_ISSUE * (moment - start) / (365 * DAY))
    limit = None if token.max_supply is None else max(token.max_supply, issued)
    return Supply(issued, issued if limit is None else (issued + limit) / 2, limit)


def _extremes(row: int, past: list[Floats], newest: tuple[float, float], moment: float) -> Extremes:
    """What the token remembers of whole bars, and the newest high and low where they lie outside."""
    high, high_at, low, low_at = (float(values[row]) for values in past)
    if newest[0] > high:
        high, high_at = newest[0], moment
    if newest[1] < low:
        low, low_at = newest[1], moment
    return Extremes(high, high_at, low, low_at)


def stir(one: Snapshot) -> float:
    """How unusual the day of a token was: its move, times the root of how much of its cap was traded."""
    then = one.earlier.get("24h")
    if then is None or not one.market_cap or not one.volume_24h:
        return 0.0
    return float(abs(np.log(one.price / then)) * (one.volume_24h / one.market_cap) ** 0.5)
