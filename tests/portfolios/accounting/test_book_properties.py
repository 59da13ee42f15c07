"""What holds for every history: nothing is lost or made, and no figure hangs on the order of rows."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolios.accounting.exact import UNIT, exact, total
from portfolios.accounting.movements import Kind, Method, Way
from portfolios.accounting.taking_apart import taken_apart
from tests.make.bookings import START, book_of, booked

METHODS = list(Method)
amounts = st.decimals("0.000000000000000001", "1e9", places=18)
prices = st.decimals(0, "1e5", places=9)
each_method = pytest.mark.parametrize("method", METHODS)
some = settings(max_examples=40, deadline=None)
ways_out = {Way.DISPOSED, Way.SPENT, Way.DEPARTED}


def at_market(one, quantity, close, all_known):
    """A trade becomes one for a coin, with its fee in a third, both valued at market; what was earned or paid, too."""
    with exact():
        valued = replace(one, price_usd=None, market_worth_usd=(quantity * close).quantize(UNIT))
        if one.kind not in (Kind.BUY, Kind.SELL):
            return valued
        if all_known:  # with money, of which nothing need have come in
            return replace(valued, quote_asset="EUR", quote_quantity=quantity)
        swap = replace(valued, quote_asset="bitcoin", quote_quantity=quantity)
        fee = (one.fee_quantity * close).quantize(UNIT)
        return replace(swap, fee_asset="binancecoin" if fee else "", market_fee_usd=fee or None)


@st.composite
def histories(draw, *, all_known=False):
    """Up to 14 transactions in two portfolios, many at one and the same time. `all_known`: every price is given, and
    nothing goes out that had not come in.
    """
    rows, held, at = [], defaultdict(D), 0
    for _ in range(draw(st.integers(1, 14))):
        at += draw(st.sampled_from([0, 0, 1, 7]))
        here = draw(st.sampled_from(["main", "cold"]))
        kind = draw(
            st.sampled_from([Kind.BUY, Kind.BUY, Kind.SELL, Kind.REWARD, Kind.FEE, Kind.TRANSFER_OUT])
        )
        quantity = draw(amounts)
        price = draw(prices if all_known else st.none() | prices)
        if all_known and kind in (Kind.SELL, Kind.FEE, Kind.TRANSFER_OUT):
            quantity = min(quantity, held[here])
        if not quantity:
            continue
        fee = draw(st.decimals(0, 10, places=2)) if kind in (Kind.BUY, Kind.SELL) else D(0)
        one = booked(kind, quantity, price, day=at, portfolio=here, fee_quantity=fee)
        if kind is not Kind.TRANSFER_OUT and draw(st.booleans()):
            one = at_market(one, draw(amounts), draw(prices), all_known)
        with exact():
            if kind is Kind.TRANSFER_OUT:
                at += 1  # in a circle within one moment nobody could tell what left first
                there = "cold" if here == "main" else "main"
                one = replace(one, at=START + timedelta(days=at))
                come = booked(Kind.TRANSFER_IN, quantity, day=at, portfolio=there, pair=one.id)
                one = replace(one, pair=come.id)
                rows.append(come)
                held[there] += quantity
                at += 1
            held[here] += quantity if kind in (Kind.BUY, Kind.REWARD) else -quantity
        rows.append(one)
    return rows


def figures(book):
    """All that a page shows, without ids."""
    return {
        spot: (
            line.quantity, line.cost_usd, line.quantity_of_unknown_cost, line.short, line.realised_usd,
            line.proceeds_of_unknown_cost_usd, line.cost_of_unknown_proceeds_usd, line.fees_usd, line.income_usd,
            line.lots, line.last_at,
        )
        for spot, line in book.holdings.items()
    }  # fmt: skip


@each_method
@some
@given(rows=histories())
def test_quantity_is_conserved(method, rows):
    book = book_of(rows, method)
    for (portfolio, asset), holding in book.holdings.items():
        moves = [one for one in taken_apart(rows) if (one.portfolio, one.asset) == (portfolio, asset)]
        came = total(one.quantity for one in moves if one.way not in ways_out)
        went = total(one.quantity for one in moves if one.way in ways_out)
        lots = [lot for lot in book.lots if (lot.portfolio, lot.asset) == (portfolio, asset)]
        with exact():
            assert holding.quantity == came - went + holding.short
        assert holding.quantity == total(lot.remaining for lot in lots)
        assert all(lot.remaining >= 0 for lot in lots)


@each_method
@some
@given(rows=histories())
def test_cost_is_conserved_in_every_lot(method, rows):
    book = book_of(rows, method)
    used = defaultdict(list)
    for use in book.uses:
        used[use.lot].append(use)
    for lot in book.lots:
        with exact():
            assert lot.quantity == lot.remaining + total(use.quantity for use in used[lot])
            if lot.cost_usd is None:
                assert lot.remaining_cost_usd is None
            else:
                assert lot.cost_usd == lot.remaining_cost_usd + total(use.cost_usd for use in used[lot])


@each_method
@some
@given(rows=histories())
def test_the_sums_of_a_holding_are_those_of_its_lots_and_uses(method, rows):
    book = book_of(rows, method)
    for (portfolio, asset), holding in book.holdings.items():
        lots = [lot for lot in book.lots if (lot.portfolio, lot.asset) == (portfolio, asset)]
        uses = [use for use in book.uses if use.lot in lots]
        known = [use for use in uses if None not in (use.cost_usd, use.proceeds_usd)]
        assert holding.cost_usd == total(lot.remaining_cost_usd or D(0) for lot in lots)
        with exact():
            assert holding.realised_usd == total(use.proceeds_usd - use.cost_usd for use in known)


@each_method
@some
@given(rows=histories())
def test_a_transfer_conserves_its_lots(method, rows):
    book = book_of(rows, method)
    arrivals = {row.id: row.pair for row in rows if row.kind is Kind.TRANSFER_IN}
    if method is Method.AVERAGE:  # there what arrives joins the pool
        return
    for arrival, departure in arrivals.items():
        came = [lot for lot in book.lots if lot.opened_by == arrival]
        went = [use for use in book.uses if use.transaction == departure]
        short = [one.quantity for one in book.shorts if one.transaction == departure]
        known = [lot for lot in came if lot.cost_usd is not None]
        assert total(lot.quantity for lot in came) == total([*(use.quantity for use in went), *short])
        assert sorted((lot.acquired_at, lot.cost_usd) for lot in known) == sorted(
            (use.lot.acquired_at, use.cost_usd) for use in went if use.cost_usd is not None
        )


@each_method
@some
@given(rows=histories(), seed=st.integers())
def test_the_order_of_rows_changes_no_figure(method, rows, seed):
    mixed = list(rows)
    Random(seed).shuffle(mixed)
    assert figures(book_of(mixed, method)) == figures(book_of(rows, method))


@each_method
@some
@given(rows=histories(), seed=st.integers())
def test_the_names_of_rows_change_no_figure(method, rows, seed):
    names = [row.id for row in rows]
    Random(seed).shuffle(names)
    renamed = dict(zip([row.id for row in rows], names, strict=True)) | {"": ""}
    others = [replace(row, id=renamed[row.id], pair=renamed[row.pair]) for row in rows]
    assert figures(book_of(others, method)) == figures(book_of(rows, method))


@some
@given(rows=histories(all_known=True), price=prices)
def test_realised_and_unrealised_come_to_the_same_by_every_method(rows, price):
    """What was got, plus what is left at today's price, less what was paid: no method changes that."""
    assert len({_profit(book_of(rows, method), price) for method in METHODS}) == 1


@some
@given(rows=histories(all_known=True), price=prices)
def test_the_profit_is_what_was_got_and_is_left_less_what_was_paid(rows, price):
    moves = taken_apart(rows)
    with exact():
        paid = total(one.worth_usd for one in moves if one.way in (Way.ACQUIRED, Way.EARNED))
        got = total(one.worth_usd for one in moves if one.way in (Way.DISPOSED, Way.SPENT))
        left = total(line.quantity for line in book_of(rows).holdings.values())
        assert _profit(book_of(rows), price) == got + left * price - paid


def _profit(book, price):
    with exact():
        return total(
            line.realised_usd + line.quantity * price - line.cost_usd for line in book.holdings.values()
        )


@some
@given(rows=histories(), day=st.integers(0, 60))
def test_what_came_later_changes_nothing_before(rows, day):
    """The book up to a day is the same whether or not the history goes on."""
    until = START + timedelta(days=day)
    before = book_of([row for row in rows if row.at <= until])
    whole = book_of(rows)
    opened = [(lot.acquired_at, lot.quantity, lot.cost_usd) for lot in before.lots]
    assert opened == [(lot.acquired_at, lot.quantity, lot.cost_usd) for lot in whole.lots][: len(opened)]
