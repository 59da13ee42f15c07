"""What counts as money put in and taken out, and what was held when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from portfolios.accounting.course import gaps, values
from portfolios.accounting.flows import Border, legs, settled
from portfolios.accounting.holding import on_grid, walk
from portfolios.accounting.movements import Booked, Kind

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PRICED = {"solana", "tether"}
D = Decimal


def booked(kind: Kind, asset: str, quantity: Any, **fields: Any) -> Booked:
    return Booked("id", "main", kind, fields.pop("at", NOON), asset, D(quantity), **fields)


def passed(*transactions: Booked, price: Any = None) -> list[tuple[Decimal, Decimal] | None]:
    """Put in and taken out, of each transaction that has a flow."""
    walked = walk(legs(transactions))
    market = lambda asset, at: None if price is None else D(price)  # noqa: E731
    return [settled(flow, market) for flow in Border(PRICED, walked.missing).flows(transactions)]


BOUGHT = booked(Kind.BUY, "solana", 10, price_usd=D(100))


def test_a_buy_with_dollars_is_money_put_in_with_its_fee():
    assert passed(BOUGHT) == [(D(1000), D(0))]
    assert passed(booked(Kind.BUY, "solana", 1, price_usd=D(100), fee_quantity=D("0.5"))) == [(D("100.5"), 0)]


def test_a_sale_for_dollars_is_money_taken_out_less_its_fee():
    sold = booked(Kind.SELL, "solana", 4, price_usd=D(110), fee_quantity=D(2))
    assert passed(BOUGHT, sold)[1] == (D(0), D(438))


def test_a_trade_of_one_token_for_another_is_no_flow():
    swapped = booked(
        Kind.SELL,
        "solana",
        4,
        price_usd=D(110),
        quote_asset="tether",
        quote_quantity=D(440),
        at=NOON + timedelta(hours=1),
    )
    assert len(passed(BOUGHT, swapped)) == 1


def test_money_that_is_not_held_counts_like_dollars():
    paid = booked(Kind.BUY, "solana", 1, price_usd=D(100), quote_asset="EUR", quote_quantity=D(90))
    assert passed(paid) == [(D(100), D(0))]


def test_what_nobody_quotes_lies_outside():
    """SOL given for a token without a price leaves the part of the portfolio that can be valued."""
    swapped = booked(Kind.BUY, "NOBODY", 500, quote_asset="solana", quote_quantity=D(4), price_usd=D("0.8"))
    assert passed(BOUGHT, swapped)[1] == (D(0), D(400))


@pytest.mark.parametrize("kind", [Kind.REWARD, Kind.AIRDROP])
def test_rewards_and_airdrops_are_return(kind: Kind):
    assert passed(booked(kind, "solana", 1, price_usd=D(100))) == []


def test_a_fee_in_tokens_is_a_loss_and_no_flow():
    assert len(passed(BOUGHT, booked(Kind.FEE, "solana", 1))) == 1


def test_transfers_count_at_the_markets_worth():
    moved_in = booked(Kind.TRANSFER_IN, "solana", 10, price_usd=D(20))
    moved_out = booked(Kind.TRANSFER_OUT, "solana", 5, at=NOON + timedelta(days=1))
    assert passed(moved_in, moved_out, price=120) == [(D(1200), D(0)), (D(0), D(600))]


def test_a_transfer_counts_at_what_was_booked_where_nobody_quoted_it():
    assert passed(booked(Kind.TRANSFER_IN, "solana", 10, price_usd=D(20))) == [(D(200), D(0))]


def test_a_flow_that_nobody_can_value_stays_unknown():
    assert passed(booked(Kind.BUY, "solana", 1, quote_asset="EUR", quote_quantity=D(90))) == [None]


def test_what_goes_out_without_having_come_in_takes_nothing_out():
    """Ten sold, four known: four tenths of the sale counts."""
    sold = booked(Kind.SELL, "solana", 10, price_usd=D(100))
    assert passed(booked(Kind.REWARD, "solana", 4), sold) == [(D(0), D(400))]
    assert passed(sold) == []


def test_what_was_traded_without_having_come_in_was_put_in():
    swapped = booked(Kind.SELL, "solana", 10, price_usd=D(100), quote_asset="tether", quote_quantity=D(1000))
    assert passed(booked(Kind.REWARD, "solana", 4), swapped) == [(D(600), D(0))]


def test_at_one_time_what_comes_in_counts_before_what_goes_out():
    sold = booked(Kind.SELL, "solana", 10, price_usd=D(100))
    assert walk(legs([sold, BOUGHT])).missing == {}


def test_later_bookings_do_not_make_up_for_missing_history():
    early = booked(Kind.SELL, "solana", 3, at=NOON - timedelta(days=1))
    walked = walk(legs([early, BOUGHT]))
    assert walked.held["solana"].quantities == [0, 10]
    assert walked.missing == {(0, "solana"): 3}


def test_a_booking_at_midnight_belongs_to_the_day_that_begins():
    midnight = datetime(2026, 1, 5, tzinfo=UTC)
    held = walk(legs([booked(Kind.BUY, "solana", 10, at=midnight)])).held["solana"]
    times = np.array([midnight.timestamp() - 86400, midnight.timestamp(), midnight.timestamp() + 1])
    assert on_grid(held, times.astype(np.int64)).tolist() == [0, 0, 10]


def test_a_missing_close_leaves_the_value_unknown_and_is_named():
    held = {"solana": np.array([1.0, 1, 1, 0]), "tether": np.array([0.0, 5, 5, 5])}
    closes = {"solana": np.array([9.0, np.nan, 11, np.nan]), "tether": np.ones(4)}
    assert values(held, closes, 4).tolist() == pytest.approx([9, np.nan, 16, 5], nan_ok=True)
    assert [(gap.first, gap.last, gap.assets) for gap in gaps(held, closes, 4)] == [(1, 1, ("solana",))]
