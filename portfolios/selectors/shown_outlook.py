"""Spread and outlook as the contract words them."""

from datetime import datetime
from typing import TypedDict

import numpy as np

from core.lib.clock import iso
from core.lib.decimals import trimmed
from portfolios.accounting import together
from portfolios.accounting.allocation import MOST_HERFINDAHL, MOST_IN_ONE, Concentration
from portfolios.accounting.outlook import ValueRange
from portfolios.selectors.alike import (
    Alike,
    Weight,
    alike,
    alike_warnings,
    concentration_of,
    concentration_warnings,
)
from portfolios.selectors.outlook import Horizon, LeftOut, outlook_of
from portfolios.selectors.spread import Part, spread
from portfolios.selectors.valuing import Valuation


class SliceShown(TypedDict):
    name: str
    value_usd: str
    share: float


class WeightShown(TypedDict):
    asset: str
    symbol: str
    value_usd: str
    share: float


class ConcentrationShown(TypedDict):
    largest: str
    largest_share: float
    largest_limit: float
    herfindahl: float
    herfindahl_limit: float
    equal_parts: float


class GroupShown(TypedDict):
    symbols: list[str]
    share: float
    least_correlation: float


class CorrelationShown(TypedDict):
    days: int
    limit: float
    symbols: list[str]
    matrix: list[list[float | None]]
    groups: list[GroupShown]


class RangeShown(TypedDict):
    p10_usd: str
    p50_usd: str
    p90_usd: str


class LeftOutShown(TypedDict):
    symbol: str
    share: float
    reason: str


class HorizonShown(TypedDict):
    timeframe: str
    range: RangeShown | None
    baseline: RangeShown | None
    covered_usd: str
    covered_share: float
    left_out: list[LeftOutShown]
    observed_at: str | None


class OutlookShown(TypedDict):
    value_usd: str | None
    observed_at: str | None
    unpriced: list[str]
    stale: list[str]
    tokens: list[WeightShown]
    categories: list[SliceShown]
    concentration: ConcentrationShown | None
    correlation: CorrelationShown
    warnings: list[str]
    horizons: list[HorizonShown]


def outlook_shown(valuation: Valuation, now: datetime) -> OutlookShown:
    found, how_concentrated = alike(valuation, now), concentration_of(valuation)
    return {
        "value_usd": None if valuation.value_usd is None else trimmed(valuation.value_usd),
        "observed_at": iso(valuation.observed_at) if valuation.observed_at else None,
        "unpriced": [row.asset for row in valuation.unpriced],
        "stale": [row.asset for row in valuation.stale],
        "tokens": [_weight(one) for one in found.weights],
        "categories": [_slice(one) for one in spread(valuation).categories],
        "concentration": _concentration(how_concentrated) if how_concentrated else None,
        "correlation": _correlation(found),
        "warnings": [*concentration_warnings(how_concentrated), *alike_warnings(found)],
        "horizons": [_horizon(one) for one in outlook_of(found, now)],
    }


def _weight(one: Weight) -> WeightShown:
    return {
        "asset": one.row.asset,
        "symbol": one.symbol,
        "value_usd": cents(one.value_usd),
        "share": round(one.share, 6),
    }


def _slice(one: Part) -> SliceShown:
    return {"name": one.name, "value_usd": cents(float(one.value_usd)), "share": float(one.share)}


def _concentration(found: Concentration) -> ConcentrationShown:
    return {
        "largest": found.largest.name,
        "largest_share": float(found.largest.share),
        "largest_limit": float(MOST_IN_ONE),
        "herfindahl": float(found.herfindahl),
        "herfindahl_limit": float(MOST_HERFINDAHL),
        "equal_parts": float(found.equal_parts),
    }


def _correlation(found: Alike) -> CorrelationShown:
    return {
        "days": together.DAYS,
        "limit": together.ALIKE,
        "symbols": [one.symbol for one in found.weights],
        "matrix": [
            [None if np.isnan(one) else round(one, 4) for one in row] for row in found.correlation.tolist()
        ],
        "groups": [
            {
                "symbols": [one.symbol for one in group.weights],
                "share": round(group.share, 6),
                "least_correlation": round(group.least, 4),
            }
            for group in found.groups
        ],
    }


def _horizon(one: Horizon) -> HorizonShown:
    return {
        "timeframe": one.timeframe,
        "range": _range(one.value),
        "baseline": _range(one.baseline),
        "covered_usd": cents(one.covered_usd),
        "covered_share": round(one.covered_share, 6),
        "left_out": [_left_out(left) for left in one.left_out],
        "observed_at": iso(one.as_of) if one.as_of else None,
    }


def _left_out(left: LeftOut) -> LeftOutShown:
    return {
        "symbol": left.weight.symbol,
        "share": round(left.weight.share, 6),
        "reason": left.because,
    }


def _range(found: ValueRange | None) -> RangeShown | None:
    if found is None:
        return None
    return {"p10_usd": cents(found.p10), "p50_usd": cents(found.p50), "p90_usd": cents(found.p90)}


def cents(value: float) -> str:
    return f"{value:.2f}"
