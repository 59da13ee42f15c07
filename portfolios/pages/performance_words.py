"""How the performance page words what has no number, and what a gap is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.lib.clock import from_seconds
from portfolios.accounting.course import Course, Gap
from portfolios.accounting.xirr import MoneyWeighted, Roots
from portfolios.selectors.performance.shown import percent
from portfolios.selectors.performance.span import DAY, Span

LEAST_DAYS_BY_THE_YEAR = 30
MOST_NAMED = 5
_NO_RATE = {
    Roots.NONE: "no rate solves the equation",
    Roots.NO_TIME: "everything on one day: no rate by the year",
}


@dataclass(frozen=True)
class Returns:
    """In percent; `words` say what stands below the money-weighted one."""

    time_weighted: float | None
    money_weighted: float | None
    words: str


def returns_of(
    time_weighted: float | None, money: MoneyWeighted | None, span: Span, unknown: int = 0
) -> Returns:
    """`unknown` flows have no worth, so that there is no equation to solve."""
    total = money.total if money else None
    return Returns(
        percent(time_weighted), percent(total), "a price is missing" if unknown else _words(money, span)
    )


def _words(money: MoneyWeighted | None, span: Span) -> str:
    if money is None:
        return ""
    if money.roots == Roots.SEVERAL:
        rates = ", ".join(f"{rate:.1%}" for rate in money.rates)
        return f"several rates solve the equation ({rates}), so none is shown"
    if money.roots != Roots.ONE:
        return _NO_RATE[money.roots]
    if (span.until - span.since).days < LEAST_DAYS_BY_THE_YEAR or money.yearly is None:
        return "over this time; too short to tell by the year"
    return f"{money.yearly:+.1%} by the year (XIRR)".replace("-", "−")


def gap_words(course: Course, gap: Gap, symbols: Mapping[str, str]) -> str:
    """`10 Mar 2026 to 12 Mar 2026: JUP, SOL`; `symbols` by asset."""
    form = (
        "%d %b %Y"
        if course.times[gap.first] % DAY == 0 and course.times[gap.last] % DAY == 0
        else "%d %b %H:%M"
    )
    first, last = (f"{from_seconds(int(course.times[at])):{form}}" for at in (gap.first, gap.last))
    named = ", ".join(symbols[asset] for asset in gap.assets[:MOST_NAMED])
    more = f" and {len(gap.assets) - MOST_NAMED} more" if len(gap.assets) > MOST_NAMED else ""
    return f"{first if first == last else f'{first} to {last}'}: {named}{more}"
