"""Valued portfolios as the contract words them: amounts are decimal strings, market figures numbers."""

from decimal import Decimal
from typing import Any

from core.lib.clock import iso
from core.lib.decimals import trimmed
from portfolios.selectors.shown import portfolio_shown
from portfolios.selectors.valuing import Valuation, Valued


def valuation_shown(valuation: Valuation) -> dict[str, Any]:
    """A portfolio with its totals and everything that it holds or held."""
    return {
        **portfolio_shown(valuation.portfolio),
        "value": totals_shown(valuation),
        "holdings": [holding_shown(row) for row in valuation.held],
        "past_holdings": [holding_shown(row) for row in valuation.past],
    }


def totals_shown(valuation: Valuation) -> dict[str, Any]:
    return {
        "value_usd": text(valuation.value_usd),
        "value_of_stale_usd": text(valuation.value_of_stale_usd),
        "cost_usd": text(valuation.cost_usd),
        "cost_known_usd": text(valuation.cost_known_usd),
        "unrealised_usd": text(valuation.unrealised_usd),
        "unrealised_known_usd": text(valuation.unrealised_known_usd),
        "realised_usd": text(valuation.realised_usd),
        "realised_known_usd": text(valuation.realised_known_usd),
        "income_usd": text(valuation.income_usd),
        "fees_usd": text(valuation.fees_usd),
        "day_change_usd": text(valuation.day_change_usd),
        "day_change_percent": valuation.day_change_percent,
        "observed_at": iso(valuation.observed_at) if valuation.observed_at else None,
        "unpriced": [row.asset for row in valuation.unpriced],
        "stale": [row.asset for row in valuation.stale],
        "of_unknown_cost": [row.asset for row in valuation.of_unknown_cost],
        "short": [row.asset for row in valuation.short],
        "left_out": valuation.left_out,
    }


def holding_shown(row: Valued) -> dict[str, Any]:
    holding, stands, quote = row.holding, row.standing, row.quote
    return {
        "asset": row.asset,
        "symbol": row.symbol,
        "name": row.token.name if row.token else None,
        "category": row.token.category if row.token else None,
        "quantity": trimmed(holding.quantity),
        "short": trimmed(holding.short),
        "price_usd": quote.price_usd if quote else None,
        "observed_at": iso(quote.observed_at) if quote else None,
        "source": quote.source if quote else None,
        "freshness": row.freshness,
        "value_usd": text(stands.value_usd),
        "share_percent": round(float(row.share * 100), 4) if row.share is not None else None,
        "cost_usd": text(stands.cost_usd),
        "cost_known_usd": trimmed(stands.cost_known_usd),
        "quantity_of_unknown_cost": trimmed(holding.quantity_of_unknown_cost),
        "average_cost_usd": text(stands.average_cost_usd),
        "unrealised_usd": text(stands.unrealised_usd),
        "unrealised_known_usd": text(stands.unrealised_known_usd),
        "realised_usd": text(row.realised_usd),
        "realised_known_usd": trimmed(holding.realised_usd),
        "proceeds_of_unknown_cost_usd": trimmed(holding.proceeds_of_unknown_cost_usd),
        "cost_of_unknown_proceeds_usd": trimmed(holding.cost_of_unknown_proceeds_usd),
        "income_usd": trimmed(holding.income_usd),
        "fees_usd": trimmed(holding.fees_usd),
        "day_change_usd": text(stands.day_change_usd),
        "day_change_percent": row.day_change_percent,
    }


def text(value: Decimal | None) -> str | None:
    return None if value is None else trimmed(value)
