"""A holding opened, in parts that a page can hold: sums stay sums, since what is not shown stands there added up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from core.lib.errors import NotFound
from portfolios.accounting.exact import ZERO, exact, total
from portfolios.accounting.movements import Method
from portfolios.accounting.sums import HasAmount, Opened, Sum
from portfolios.models import Holding, Portfolio
from portfolios.selectors.assets import asset_meant
from portfolios.selectors.sums import ByMethod
from portfolios.selectors.valuing import Valuation, Valued

Term = TypeVar("Term", bound=HasAmount)
PARTS = ("quantity", "cost", "realised", "fees", "income")


@dataclass(frozen=True)
class Left:
    """Terms that are not shown here."""

    count: int
    total: Decimal


@dataclass(frozen=True)
class Cut(Generic[Term]):
    """One page of a sum, the newest terms on the first, each page in the order of time."""

    terms: tuple[Term, ...]
    earlier: Left
    later: Left
    total: Decimal
    count: int
    unknown: int
    page: int
    pages: int

    @property
    def running(self) -> list[tuple[Term, Decimal]]:
        """Each term with what it comes to by then."""
        so_far, found = self.earlier.total, []
        with exact():
            for term in self.terms:
                so_far += term.amount or ZERO
                found.append((term, so_far))
        return found


def cut(whole: Sum[Term], page: int, most: int) -> Cut[Term]:
    """Beyond the last page is the last one."""
    count = len(whole.terms)
    pages = max(-(-count // most), 1)
    page = min(max(page, 1), pages)
    end = count - (page - 1) * most
    start = max(end - most, 0)
    return Cut(
        terms=whole.terms[start:end],
        earlier=_left(whole.terms[:start]),
        later=_left(whole.terms[end:]),
        total=whole.total,
        count=count,
        unknown=whole.unknown,
        page=page,
        pages=pages,
    )


def cuts_of(found: Opened, pages: Mapping[str, int], most: int) -> dict[str, Cut[HasAmount]]:
    return {name: cut(getattr(found, name), pages.get(name, 1), most) for name in PARTS}


def held_asset(portfolio: Portfolio, word: str) -> str:
    """The asset of a holding by its own name, else as people name it. Raises NotFound where it never moved in it."""
    own = Holding.objects.filter(portfolio=portfolio)
    for asset in (word, asset_meant(word)):
        if own.filter(asset=asset).exists():
            return asset
    raise NotFound("This asset never moved in this portfolio.")


def row_of(valuation: Valuation, asset: str) -> Valued:
    return next(row for row in valuation.rows if row.asset == asset)


@dataclass(frozen=True)
class Compared:
    """A method beside the portfolio's own. `together_usd` is realised and unrealised profit: the same by each, since
    methods only say which part of it is realised already, unless lots moved away and took their cost along. None where
    something is unknown.
    """

    by: ByMethod
    unrealised_usd: Decimal | None
    together_usd: Decimal | None
    realised_difference_usd: Decimal

    @property
    def label(self) -> str:
        return str(Portfolio.CostMethod(self.by.method).label)


def compared(methods: list[ByMethod], price: Decimal | None) -> list[Compared]:
    own = next(one for one in methods if one.is_own)
    return [_compared(one, own, price) for one in methods]


def _compared(one: ByMethod, own: ByMethod, price: Decimal | None) -> Compared:
    unrealised = one.unrealised_usd(price)
    with exact():
        together = None if unrealised is None else unrealised + one.holding.realised_usd
        return Compared(one, unrealised, together, one.holding.realised_usd - own.holding.realised_usd)


def own_method(word: str) -> Method | None:
    return Method(word) if word in set(Method) else None


def _left(terms: tuple[HasAmount, ...]) -> Left:
    return Left(len(terms), total(term.amount for term in terms if term.amount is not None))
