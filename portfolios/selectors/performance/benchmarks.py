"""What the same money would have become in something else, put in and taken out at the same times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.lib.clock import from_seconds
from markets.models import Token
from markets.selectors.closes import closes_at
from portfolios.accounting.course import Course, Floats, Seconds
from portfolios.accounting.following import Followed, equal_weights, follow, switched
from portfolios.accounting.returns import chained
from portfolios.accounting.xirr import MoneyWeighted, of_course
from portfolios.selectors.performance.reckoning import Reckoning
from portfolios.selectors.performance.span import DAY
from predictions.selectors.published import published_chances

SOLANA = "solana"
COINS = {"SOL": SOLANA, "BTC": "bitcoin", "ETH": "ethereum"}
BASKET, FORECASTS, NONE = "basket", "forecasts", "none"
CHOICES = (*COINS, BASKET, FORECASTS, NONE)
NAMES = {
    "SOL": "SOL",
    "BTC": "BTC",
    "ETH": "ETH",
    BASKET: "Basket",
    FORECASTS: "Khalsi’s forecasts",
    NONE: "Nothing",
}
SENTENCES = {
    **{name: f"the same money in {name}" for name in COINS},
    BASKET: "the same money in a basket",
    FORECASTS: "the same money following the forecasts",
}
RULES = {
    **{name: f"All of it in {name}, bought and sold at the same times, no costs." for name in COINS},
    BASKET: "Equal dollars of the (up to ten) largest holdings of the first moment at which anything was held, bought"
    " then and left alone, no costs; what is put in later buys the same mix.",
    FORECASTS: "SOL over the day after each midnight (UTC) whose published 1d forecast gave up a higher probability"
    " than down, dollars over every other day, no costs.",
}


@dataclass(frozen=True, eq=False)
class Compared:
    """`followed` is None where there is nothing to compare with, and `reason` says why. `own_time_weighted` and
    `own_money_weighted` are the portfolio's over the same time. `told` counts the days with a forecast, of `days`.
    """

    name: str
    followed: Followed | None
    reason: str = ""
    own_time_weighted: float | None = None
    own_money_weighted: MoneyWeighted | None = None
    told: int | None = None
    days: int | None = None

    @property
    def sentence(self) -> str:
        return SENTENCES[self.name]

    @property
    def rule(self) -> str:
        return RULES[self.name]


def compared(name: str, reckoning: Reckoning) -> Compared | None:
    """None where nothing was asked for."""
    if name == NONE:
        return None
    if name == FORECASTS:
        return _with_forecasts(reckoning.course)
    prices = _basket(reckoning) if name == BASKET else _closes([COINS[name]], reckoning.course.times)[0]
    return _beside(name, reckoning.course, prices, f"There are no prices of {NAMES[name]} in this time.")


def _beside(name: str, course: Course, prices: Floats, otherwise: str) -> Compared:
    followed = follow(course, prices)
    if followed is None:
        return Compared(name, None, otherwise)
    same = course.cut(followed.first, followed.last)
    return Compared(name, followed, "", chained(same).total, of_course(same))


def _basket(reckoning: Reckoning) -> Floats:
    course = reckoning.course
    if not reckoning.largest:
        return np.full(len(course.times), np.nan)
    start = int(np.flatnonzero(course.values > 0)[0])
    return equal_weights(_closes(reckoning.largest, course.times), start)


def _with_forecasts(course: Course) -> Compared:
    """Only between the first and the last midnight with a forecast; days between them without one are in dollars."""
    begins = course.times[:-1] // DAY * DAY
    said = published_chances(SOLANA, "1d", [from_seconds(int(at)) for at in np.unique(begins)])
    if not said:
        return Compared(FORECASTS, None, "No forecast for a day of SOL was published in this time.")
    holds = {int(at.timestamp()): float(up > down) for at, (up, down) in said.items()}
    level = switched(
        _closes([SOLANA], course.times)[0], np.array([holds.get(at, np.nan) for at in begins.tolist()])
    )
    found = _beside(FORECASTS, course, level, "There are no prices of SOL in the time of the forecasts.")
    days = (max(holds) - min(holds)) // DAY + 1
    return replace(found, told=len(holds), days=days)


def _closes(assets: Sequence[str], times: Seconds) -> list[Floats]:
    """In the order of `assets`; NaN throughout for one that nobody follows."""
    ids = dict(Token.objects.filter(coingecko_id__in=assets).values_list("coingecko_id", "pk"))
    found = closes_at(list(ids.values()), times)
    columns = {asset: found[:, place] for place, asset in enumerate(ids)}
    nothing = np.full(len(times), np.nan)
    return [columns.get(asset, nothing) for asset in assets]
