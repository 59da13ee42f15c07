"""What a second of the stream comes down to: the newest price, and where it turned on the way."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from markets.providers.base import Tick
from markets.services.streaming.fold import Fold
from tests.make.markets import NOON

PRICES = st.lists(st.integers(1, 9).map(float), min_size=1, max_size=30)


def take(fold: Fold, *prices: float, start: float = 0.0) -> None:
    for place, price in enumerate(prices):
        assert fold.take(Tick("SOLUSDT", NOON + timedelta(seconds=start + place / 10), price)) == ""


def test_the_newest_price_is_kept_and_the_peak_before_it() -> None:
    fold = Fold()
    take(fold, 100.0, 110.0, 101.0)
    assert fold.ticks["SOLUSDT"].price_usd == 101.0
    assert [turn.price_usd for turn in fold.turns] == [110.0]


def test_a_peak_that_was_the_newest_of_the_fold_before_is_known_when_the_price_came_back() -> None:
    fold = Fold()
    take(fold, 100.0, 110.0)
    assert fold.turns == []
    fold.done()
    take(fold, 101.0, start=1)
    assert [turn.price_usd for turn in fold.turns] == [110.0]


def test_of_many_turns_the_highest_and_the_lowest_are_kept() -> None:
    fold = Fold()
    take(fold, 100, 104, 99, 110, 90, 103, 97, 98)
    assert [turn.price_usd for turn in fold.turns] == [90.0, 110.0]
    fold.done()
    assert fold.turns == []


@given(PRICES)
def test_between_the_first_the_newest_and_the_turns_the_price_was_never_beyond_them(prices) -> None:
    fold = Fold()
    take(fold, *prices)
    known = [prices[0], prices[-1], *(turn.price_usd for turn in fold.turns)]
    assert (min(known), max(known)) == (min(prices), max(prices))
