"""What each CoinGecko plan allows, and how it is shared out: quotes, then trending, details, points.

A demo month of 10,000 calls holds 7,440 for quotes (every 6 min), 744 for trending, 620 for details and 744
for points. Keyless has no promised number; a few calls a minute have been seen to pass, so it asks sparingly.
"""

from dataclasses import dataclass

from django.conf import settings

from core.net import budget

QUOTES, TRENDING, DETAILS, POINTS = "quotes", "trending", "details", "points"


@dataclass(frozen=True)
class CoinGeckoPlan:
    """`details_a_day` and `points_an_hour` are how many tokens may be looked up."""

    per_minute: int | None
    per_month: int | None
    quotes_a_day: int
    details_a_day: int
    points_an_hour: int

    @property
    def budget(self) -> budget.Plan:
        needs = (
            budget.Need(QUOTES, self.quotes_a_day),
            budget.Need(TRENDING, 24),
            budget.Need(DETAILS, self.details_a_day),
            budget.Need(POINTS, 24 * self.points_an_hour),
        )
        return budget.Plan(self.per_minute, self.per_month, needs)


PLANS = {
    "keyless": CoinGeckoPlan(6, None, 240, details_a_day=100, points_an_hour=12),
    "demo": CoinGeckoPlan(25, 10_000, 240, details_a_day=20, points_an_hour=1),
    "pro": CoinGeckoPlan(250, 100_000, 288, details_a_day=250, points_an_hour=60),
    "sandbox": CoinGeckoPlan(None, None, 288, details_a_day=1000, points_an_hour=4000),
}


def plan() -> CoinGeckoPlan:
    return PLANS[settings.MARKET.coingecko_plan]
