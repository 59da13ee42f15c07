"""How a portfolio's value is spread: the largest holdings with what is left of them, and the categories."""

from dataclasses import dataclass
from decimal import Decimal

from portfolios.accounting.allocation import allocation, grouped
from portfolios.accounting.exact import total
from portfolios.selectors.valuing import Valuation

MOST_NAMED = 8


@dataclass(frozen=True)
class Part:
    name: str
    value_usd: Decimal
    share: Decimal


@dataclass(frozen=True)
class Spread:
    """Shares of what could be valued; empty where nothing could."""

    tokens: list[Part]
    categories: list[Part]


def spread(valuation: Valuation) -> Spread:
    values = {row.asset: row.standing.value_usd for row in valuation.held if row.standing.value_usd}
    names = {row.asset: row.symbol for row in valuation.held}
    categories = {row.asset: row.token.category for row in valuation.held if row.token}
    tokens = [Part(names[one.name], one.value_usd, one.share) for one in allocation(values)]
    kinds = (Part(one.name, one.value_usd, one.share) for one in allocation(grouped(values, categories)))
    return Spread(_with_rest(tokens), list(kinds))


def _with_rest(parts: list[Part]) -> list[Part]:
    """The largest by name, all others as one."""
    if len(parts) <= MOST_NAMED + 1:
        return parts
    rest = parts[MOST_NAMED:]
    value, share = total(part.value_usd for part in rest), total(part.share for part in rest)
    return [*parts[:MOST_NAMED], Part(f"{len(rest)} others", value, share)]
