""" "Show the sum": a holding's figures opened into lots, uses, fees and prices, by the portfolio's own method or by
another; and all four methods side by side. Worked out on demand of the transactions themselves, by the same book.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.cache import cache
from django.db.models import QuerySet

from core.lib.errors import NotFound
from portfolios.accounting.book import worked_out
from portfolios.accounting.exact import exact
from portfolios.accounting.lines import HoldingLine
from portfolios.accounting.market_worth import worth_of
from portfolios.accounting.movements import Booked, Method, Movement
from portfolios.accounting.sums import Opened, opened
from portfolios.accounting.taking_apart import taken_apart
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.bookings import booked_rows, methods_of, regions, touching
from portfolios.selectors.portfolios import portfolios_of

KEPT_SECONDS = 3600


@dataclass(frozen=True)
class ByMethod:
    """A holding's sums as one method counts them. Together, realised and unrealised, they come to the same by each, as
    long as no lot left with its cost for elsewhere: which lots do so is the method's choice.
    """

    method: Method
    is_own: bool
    """Whether the portfolio counts by it."""
    holding: HoldingLine

    def unrealised_usd(self, price: Decimal | None) -> Decimal | None:
        """At a price for one; None where that, or the cost of anything held, is unknown."""
        if price is None or self.holding.quantity_of_unknown_cost:
            return None
        with exact():
            return self.holding.quantity * price - self.holding.cost_usd


def opened_holding(portfolio: Portfolio, asset: str, method: Method | None = None) -> Opened:
    """By the portfolio's own method where none is named. Raises NotFound where the asset never moved in it."""
    transactions, movements = _history(portfolio, asset)
    book = worked_out(_methods(portfolio, method), movements)
    return opened(book, (str(portfolio.pk), asset), transactions, movements)


def by_each_method(portfolio: Portfolio, asset: str) -> list[ByMethod]:
    """The same transactions under each of the four; other portfolios that lots came from keep their own method. Raises
    NotFound where the asset never moved in it.
    """
    key = f"portfolio-methods:{portfolio.pk}:{portfolio.revision}:{asset}"
    lines: list[HoldingLine] | None = cache.get(key)
    if lines is None:
        _, movements = _history(portfolio, asset)
        lines = [
            worked_out(_methods(portfolio, method), movements).holdings[str(portfolio.pk), asset]
            for method in Method
        ]
        cache.set(key, lines, KEPT_SECONDS)
    return [
        ByMethod(method, portfolio.method == method, line) for method, line in zip(Method, lines, strict=True)
    ]


def _history(portfolio: Portfolio, asset: str) -> tuple[list[Booked], list[Movement]]:
    (region,) = regions(portfolio.owner_id, asset, [portfolio.pk])
    rows = touching(region.portfolios, asset)
    transactions = booked_rows(rows)
    movements = [one for one in taken_apart(transactions) if one.asset == asset]
    if not any(one.portfolio == str(portfolio.pk) for one in movements):
        raise NotFound(f"{asset} never moved in this portfolio.")
    return _with_market_worths(transactions, rows), movements


def _with_market_worths(transactions: list[Booked], rows: QuerySet[Transaction]) -> list[Booked]:
    """The book asks for no more than a worth; a reader also wants to know what it follows from."""
    stored = rows.filter(valued_by__isnull=False).values_list("id", "valued_by")
    told = {str(pk): tuple(map(worth_of, worths or ())) for pk, worths in stored}
    return [replace(one, valued=told[one.id]) if one.id in told else one for one in transactions]


def _methods(portfolio: Portfolio, method: Method | None) -> dict[str, Method]:
    own = methods_of(portfolios_of(portfolio.owner_id))
    return own if method is None else own | {str(portfolio.pk): method}
