"""A performance as the contract words it: dollars as decimal strings, returns in percent, what nobody knows as null."""

from decimal import Decimal
from typing import Any

from core.lib.clock import from_seconds, iso
from core.lib.decimals import plain
from markets.candles.intervals import interval_name
from portfolios.accounting.course import Course
from portfolios.accounting.drawdown import below_peak
from portfolios.accounting.xirr import MoneyWeighted
from portfolios.models import Portfolio
from portfolios.selectors.performance.benchmarks import Compared
from portfolios.selectors.performance.figures import Performance
from portfolios.selectors.performance.reckoning import LeftOut

_PLACES = Decimal("0.00000001")


def performance_shown(portfolio: Portfolio, found: Performance | None) -> dict[str, Any]:
    """Without any booking by then there is nothing to tell: every figure is null and the series empty."""
    if found is None:
        return {"portfolio_id": str(portfolio.id), **_NOTHING}
    course, reckoning, drawdown = found.course, found.reckoning, found.drawdown
    return {
        "portfolio_id": str(portfolio.id),
        "from": iso(found.span.since),
        "to": iso(found.span.until),
        "interval": interval_name(found.span.step),
        "value_usd": _dollars(course.values[-1]),
        "gain_usd": _dollars(course.gain),
        "put_in_usd": plain(reckoning.passed.put_in.quantize(_PLACES)),
        "taken_out_usd": plain(reckoning.passed.taken_out.quantize(_PLACES)),
        "flows_by_market": reckoning.passed.by_market,
        "flows_unknown": reckoning.passed.unknown,
        "time_weighted_percentage": percent(found.time_weighted),
        "money_weighted": _money_weighted(found.money_weighted),
        "drawdown": drawdown
        and {
            "percentage": percent(drawdown.depth),
            "peak_at": _moment(drawdown.peak_at),
            "trough_at": _moment(drawdown.trough_at),
            "recovered_at": _moment(drawdown.recovered_at),
        },
        "volatility_percentage": percent(found.volatility.yearly),
        "volatility_days": found.volatility.days,
        "benchmark": found.benchmark and _benchmark(found.benchmark, course),
        "series": _series(found),
        "gaps": [
            {
                "from": _moment(course.times[gap.first]),
                "to": _moment(course.times[gap.last]),
                "assets": gap.assets,
            }
            for gap in reckoning.gaps
        ],
        "left_out": [{"asset": one.asset, "reason": why_left_out(one)} for one in reckoning.left_out],
        "observed_at": reckoning.observed_at and iso(reckoning.observed_at),
        "source": ", ".join(reckoning.sources) or None,
        "freshness": found.freshness,
    }


def percent(share: float | None) -> float | None:
    return None if share is None or share != share else float(share) * 100


def why_left_out(one: LeftOut) -> str:
    return "no price is stored for this time" if one.is_named else "no token of this name is known"


def _series(found: Performance) -> list[dict[str, Any]]:
    """A flow stands at the beginning of the step in which it came; the last place has none."""
    course, index = found.course, found.chain.index
    followed = found.benchmark.followed if found.benchmark else None
    benchmark = followed.values.tolist() if followed else [None] * len(index)
    columns = (
        course.times.tolist(),
        course.values.tolist(),
        [*course.put_in.tolist(), 0.0],
        [*course.taken_out.tolist(), 0.0],
        index.tolist(),
        below_peak(index).tolist(),
        benchmark,
    )
    return [
        {
            "time": _moment(at),
            "value_usd": _dollars(value),
            "put_in_usd": _dollars(put_in),
            "taken_out_usd": _dollars(taken_out),
            "growth": _known(growth),
            "below_peak_percentage": percent(below),
            "benchmark_usd": _dollars(other),
        }
        for at, value, put_in, taken_out, growth, below, other in zip(*columns, strict=True)
    ]


def _benchmark(found: Compared, course: Course) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": found.name, "rule": found.rule, "reason": found.reason or None}
    followed = found.followed
    if followed is None:
        return {**dict.fromkeys(_OF_A_BENCHMARK), **shown}
    return shown | {
        "from": _moment(course.times[followed.first]),
        "to": _moment(course.times[followed.last]),
        "price_percentage": percent(followed.price_return),
        "value_usd": _dollars(followed.values[followed.last]),
        "money_weighted": _money_weighted(followed.money_weighted),
        "ran_out_at": None if followed.ran_out is None else _moment(course.times[followed.ran_out]),
        "own_time_weighted_percentage": percent(found.own_time_weighted),
        "own_money_weighted": found.own_money_weighted and _money_weighted(found.own_money_weighted),
        "days_with_forecast": found.told,
        "days": found.days,
    }


def _money_weighted(found: MoneyWeighted) -> dict[str, Any]:
    return {
        "roots": found.roots.value,
        "percentage": percent(found.total),
        "xirr_percentage": percent(found.yearly),
        "rates_percentage": [percent(rate) for rate in found.rates],
    }


def _moment(at: float | None) -> str | None:
    return None if at is None else iso(from_seconds(int(at)))


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def _dollars(value: float | None) -> str | None:
    return None if value is None or value != value else plain(Decimal(repr(float(value))).quantize(_PLACES))


_OF_A_BENCHMARK = (
    "from",
    "to",
    "price_percentage",
    "value_usd",
    "money_weighted",
    "ran_out_at",
    "own_time_weighted_percentage",
    "own_money_weighted",
    "days_with_forecast",
    "days",
)
_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("from", "to", "interval", "value_usd", "gain_usd", "put_in_usd", "taken_out_usd")),
    "flows_by_market": 0,
    "flows_unknown": 0,
    **dict.fromkeys(("time_weighted_percentage", "money_weighted", "drawdown", "volatility_percentage")),
    "volatility_days": 0,
    "benchmark": None,
    "series": [],
    "gaps": [],
    "left_out": [],
    "observed_at": None,
    "source": None,
    "freshness": "stale",
}
