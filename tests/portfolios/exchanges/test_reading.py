from decimal import Decimal
from typing import Any

import pytest

from portfolios.exchanges.errors import AnswerUnusable
from portfolios.exchanges.reading import (
    Unfit,
    amount,
    from_milliseconds,
    from_seconds,
    from_words,
    number,
    pair,
    quotient,
    text,
    ticker,
)
from portfolios.exchanges.records import LONGEST_CURSOR, Page


@pytest.mark.parametrize("value", ["1", "0.5", "1e-8", Decimal("1E-7"), "-2", "12345678901234567890"[:20]])
def test_numbers_are_read_exactly(value: Any) -> None:
    assert number(value, "size") == Decimal(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "NaN",
        "Infinity",
        "1,5",
        "1_000",
        " 1",
        "١",
        True,
        1.5,
        "1e99",
        "1" * 21,
        "0." + "1" * 19,
        Decimal("NaN"),
        [],
        {},
    ],
)
def test_what_is_no_amount_is_refused_and_not_repeated(value: Any) -> None:
    with pytest.raises(Unfit, match=r"^size "):
        number(value, "size")


@pytest.mark.parametrize("value", ["-1", "-0.1"])
def test_an_amount_is_not_below_zero(value: str) -> None:
    with pytest.raises(Unfit):
        amount({"size": value}, "size")


@pytest.mark.parametrize(
    "value", [None, 0, "", "soon", Decimal("NaN"), Decimal("-1"), Decimal("1e20"), True, [], "9999-99-99"]
)
def test_what_is_no_time_is_refused(value: Any) -> None:
    for read in (from_milliseconds, from_seconds, from_words):
        with pytest.raises(Unfit):
            read({"time": value}, "time")


@pytest.mark.parametrize("value", [None, "", "two words", "x" * 33, "ß" * 32, 5, "a\nb", []])
def test_what_is_no_ticker_is_refused(value: Any) -> None:
    with pytest.raises(Unfit):
        ticker({"coin": value}, "coin")


@pytest.mark.parametrize("value", [None, "", "SOL-", "SOL- USD", "ß" * 32 + "-USD"])
def test_what_is_no_market_is_refused(value: Any) -> None:
    with pytest.raises(Unfit):
        pair({"market": value}, "market")


def test_a_place_longer_than_is_kept_is_no_answer() -> None:
    assert Page[Any]([], cursor="x" * LONGEST_CURSOR)
    with pytest.raises(AnswerUnusable):
        Page[Any]([], cursor="x" * (LONGEST_CURSOR + 1))


def test_ids_may_be_whole_numbers() -> None:
    assert text({"id": Decimal("12345678901234567890")}, "id") == "12345678901234567890"


def test_more_digits_than_microseconds_are_cut_off() -> None:
    assert from_words({"time": "2023-01-18T01:37:38.091377090Z"}, "time").microsecond == 91377


def test_what_is_worked_out_has_as_many_places_as_amounts() -> None:
    assert quotient(Decimal(1), Decimal(3)) == Decimal("0." + "3" * 18)
