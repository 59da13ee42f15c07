"""The examples of `docs/portfolios.md`, figure by figure."""

from decimal import Decimal as D
from pathlib import Path

import pytest

from portfolios.accounting.movements import Kind, Method
from tests.make.bookings import book_of, booked, buy, moved, sell

DOCS = (Path(__file__).parents[3] / "docs" / "portfolios.md").read_text()
MAIN, COLD = ("main", "solana"), ("cold", "solana")


@pytest.mark.parametrize(
    ("method", "row"),
    [
        (Method.FIFO, "| FIFO | 10 at 100, 5 at 300 | 2,500 | 3,500 | 3,500 |"),
        (Method.LIFO, "| LIFO | 10 at 200, 5 at 300 | 3,500 | 2,500 | 2,500 |"),
        (Method.HIFO, "| HIFO | 10 at 300, 5 at 200 | 4,000 | 2,000 | 2,000 |"),
        (Method.AVERAGE, "| average cost | 15 at 200 | 3,000 | 3,000 | 3,000 |"),
    ],
)
def test_three_lots(method, row):
    rows = [buy(10, 100), buy(10, 300, day=1), buy(10, 200, day=2), sell(15, 400, day=3)]
    book = book_of(rows, method)
    holding = book.holdings[MAIN]
    used = sum(use.cost_usd for use in book.uses)
    lots = ", ".join(f"{use.quantity:.0f} at {use.cost_usd / use.quantity:.0f}" for use in book.uses)
    figures = " | ".join(f"{value:,.0f}" for value in (used, holding.realised_usd, holding.cost_usd))
    assert row.endswith(f"| {lots} | {figures} |")
    assert row in DOCS
    assert holding.realised_usd + holding.quantity * 400 - holding.cost_usd == 6000


def test_a_fee_in_a_third_token():
    fee = {"fee_asset": "BNB", "fee_quantity": D("0.01"), "fee_usd": D(6)}
    book = book_of([buy(1, 500, asset="BNB"), buy(10, 100, day=1, **fee)])
    assert book.holdings[MAIN].cost_usd == 1006
    assert book.holdings["main", "BNB"].realised_usd == 1


def test_a_fee_alone():
    holding = book_of([buy(10, 100), booked(Kind.FEE, 1, 120, day=1)]).holdings[MAIN]
    figures = (holding.realised_usd, holding.fees_usd, holding.quantity, holding.cost_usd)
    assert figures == (-100, 120, 9, 900)


def test_five_sol_for_750_usdc():
    paid = {"quote_asset": "usd-coin", "quote_quantity": D(750)}
    book = book_of([buy(1000, 1, asset="usd-coin"), buy(5, 150, day=1, **paid)])
    assert book.holdings[MAIN].cost_usd == 750
    assert book.holdings["main", "usd-coin"].realised_usd == 0


def test_a_transfer():
    book = book_of([buy(10, 100), *moved(10, to="cold", day=1, arrives=D("9.9"))])
    assert (book.holdings[COLD].cost_usd, book.holdings[MAIN].realised_usd) == (990, -10)


def test_short():
    holding = book_of([buy(1, 100), sell(4, 200, day=1), buy(5, 300, day=2)]).holdings[MAIN]
    figures = (holding.quantity, holding.short, holding.realised_usd, holding.proceeds_of_unknown_cost_usd)
    assert figures == (5, 3, 100, 600)
