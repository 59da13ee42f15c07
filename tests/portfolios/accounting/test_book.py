"""The lot book, by examples that a person can check by hand."""

from decimal import Decimal as D

from portfolios.accounting.movements import Kind, Method
from tests.make.bookings import book_of, booked, buy, moved, sell

MAIN = ("main", "solana")
THREE_LOTS = [buy(10, 100, day=0), buy(10, 300, day=1), buy(10, 200, day=2)]


def test_a_fee_is_part_of_the_cost_and_taken_off_the_proceeds():
    book = book_of([buy(10, 100, fee_quantity=5), sell(10, 120, day=1, fee_quantity=7)])
    holding = book.holdings[MAIN]
    assert book.lots[0].cost_usd == 1005
    assert holding.realised_usd == 1200 - 7 - 1005
    assert holding.fees_usd == 12


def test_a_fee_kept_back_from_what_was_bought_leaves_less_of_it_for_the_same_cost():
    holding = book_of([buy(10, 100, fee_asset="solana", fee_quantity=D("0.1"))]).holdings[MAIN]
    assert (holding.quantity, holding.cost_usd, holding.fees_usd) == (D("9.9"), 1000, 10)


def test_a_fee_of_unknown_worth_leaves_the_cost_unknown():
    book = book_of([buy(10, 100, fee_asset="BNB", fee_quantity=D("0.01"))])
    assert book.lots[0].cost_usd is None
    assert book.holdings["main", "BNB"].short == D("0.01")


def test_a_reward_costs_what_it_earned():
    holding = book_of([booked(Kind.REWARD, 2, 50), sell(2, 60, day=1)]).holdings[MAIN]
    assert (holding.income_usd, holding.realised_usd) == (100, 20)


def test_an_airdrop_of_unknown_worth_has_an_unknown_cost():
    holding = book_of([booked(Kind.AIRDROP, 2), sell(1, 60, day=1)]).holdings[MAIN]
    assert (holding.quantity_of_unknown_cost, holding.realised_usd) == (1, 0)
    assert holding.proceeds_of_unknown_cost_usd == 60


def test_a_transfer_brings_its_lots_along():
    book = book_of([*THREE_LOTS, *moved(15, to="cold", day=3)])
    arrived = [lot for lot in book.lots if lot.portfolio == "cold"]
    assert [(lot.acquired_at, lot.quantity, lot.cost_usd) for lot in arrived] == [
        (THREE_LOTS[0].at, 10, 1000),
        (THREE_LOTS[1].at, 5, 1500),
    ]
    assert book.holdings[MAIN].realised_usd == 0


def test_an_old_lot_that_was_moved_in_is_still_the_first_in():
    bought_there = buy(10, 500, day=1, portfolio="cold")
    book = book_of(
        [buy(10, 100), bought_there, *moved(10, to="cold", day=2), sell(10, 600, day=3, portfolio="cold")]
    )
    assert book.holdings["cold", "solana"].realised_usd == 6000 - 1000


def test_a_transfer_moved_on_in_the_same_moment_keeps_its_lots():
    first, second = moved(10, to="b", day=1), moved(10, to="a", day=1, portfolio="b")
    book = book_of([buy(10, 100), *first, *second])
    assert book.holdings["a", "solana"].cost_usd == 1000
    assert not book.shorts


def test_a_transfer_that_arrives_before_it_left_by_another_clock_keeps_its_lots():
    out, come = moved(10, to="cold", day=1)
    early = booked(Kind.TRANSFER_IN, 10, day=0.9, portfolio="cold", pair=out.id, id=come.id)
    book = book_of([buy(10, 100), out, early])
    assert book.holdings["cold", "solana"].cost_usd == 1000
    assert book.holdings["cold", "solana"].last_at == out.at


def test_an_unmatched_departure_leaves_at_cost_and_realises_nothing():
    holding = book_of([buy(10, 100), booked(Kind.TRANSFER_OUT, 4, day=1)]).holdings[MAIN]
    assert (holding.quantity, holding.cost_usd, holding.realised_usd) == (6, 600, 0)


def test_an_unmatched_arrival_has_the_worth_that_was_given_or_none():
    book = book_of([booked(Kind.TRANSFER_IN, 1, 90), booked(Kind.TRANSFER_IN, 1, day=1)])
    assert [lot.cost_usd for lot in book.lots] == [90, None]


def test_an_average_keeps_what_is_of_unknown_cost_apart():
    book = book_of([buy(6, 100), booked(Kind.AIRDROP, 2, day=1), sell(4, 200, day=2)], Method.AVERAGE)
    holding = book.holdings[MAIN]
    assert (holding.realised_usd, holding.proceeds_of_unknown_cost_usd) == (300, 200)
    assert (holding.cost_usd, holding.quantity_of_unknown_cost) == (300, 1)


def test_thirds_leave_nothing_behind():
    rows = [buy(3, D("33.333333333333333333")), *(sell(1, 40, day=day) for day in (1, 2, 3))]
    for method in Method:
        book = book_of(rows, method)
        assert book.holdings[MAIN].cost_usd == 0
        assert sum(use.cost_usd for use in book.uses) == D("99.999999999999999999")
