"""The market as it stands."""

from datetime import timedelta
from typing import Any

import pytest

from core.lib.errors import NotFound, SourceUnavailable
from markets.selectors.latest import market_table, quote_of, sparklines
from markets.selectors.solana import solana_market
from tests.make.markets import NOON, a_quote, a_token, candles

pytestmark = pytest.mark.django_db


def test_the_table_is_one_query_whatever_the_number_of_tokens(django_assert_num_queries: Any) -> None:
    for number in range(5):
        a_quote(a_token(f"T{number}", rank=number + 1))
    a_token("UNPRICED")
    with django_assert_num_queries(1):
        quotes = [quote_of(token) for token in market_table()]
    assert [quote is not None for quote in quotes] == [True] * 5 + [False]


def test_the_lines_of_all_tokens_are_one_query(django_assert_num_queries: Any) -> None:
    first, second = a_token("AAA"), a_token("BBB")
    candles(first, 3600, [1.0, None, 3.0])
    with django_assert_num_queries(1):
        lines = sparklines([first.pk, second.pk], NOON + timedelta(minutes=7))
    assert lines[first.pk][-3:] == [1.0, None, 3.0]
    assert len(lines[first.pk]) == 168
    assert lines[second.pk] == [None] * 168


def test_solana_is_shown_in_bitcoin_from_the_stored_price() -> None:
    a_quote(a_token("SOL", "solana"), 150.0)
    a_quote(a_token("BTC", "bitcoin", solana=False), 100_000.0)
    assert solana_market(NOON).price_btc == pytest.approx(0.0015)


def test_a_bitcoin_price_of_another_time_says_nothing() -> None:
    a_quote(a_token("SOL", "solana"), 150.0)
    a_quote(a_token("BTC", "bitcoin"), 100_000.0, NOON - timedelta(hours=1))
    assert solana_market(NOON).price_btc is None


def test_solana_without_a_price_is_a_source_that_is_away() -> None:
    a_token("SOL", "solana")
    with pytest.raises(SourceUnavailable):
        solana_market(NOON)


def test_solana_must_be_registered() -> None:
    a_token("SOL", "another-solana")
    with pytest.raises(NotFound):
        solana_market(NOON)
