"""What is exported comes back to the letter, and no spreadsheet runs any of it."""

import csv
import io
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from core.lib.text import is_one_line
from portfolios.models import Transaction
from portfolios.statements.outcomes import Draft, Kind
from portfolios.statements.writing import HEADER, transaction_lines
from tests.make.statements import drafts

amounts = st.integers(1, 10**38 - 1).map(lambda number: Decimal(f"{number}e-18"))
maybe = st.none() | amounts
words = st.text(max_size=40).filter(is_one_line)
tricky = (
    st.sampled_from(["=1+1", "+49", "-x", "@me", "'=1", "''", "'", ' "a", b', "＝1", "x,y;z", " a "]) | words
)
assets = st.sampled_from(["solana", "usd-coin", "FOO", "1INCH", "-X", "@A", "=B"])
moments = st.integers(1_240_000_000_000_000, 4_000_000_000_000_000).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
booked = st.builds(
    Draft,
    line=st.just(0),
    kind=st.sampled_from(get_args(Kind)),
    executed_at=moments,
    asset=assets,
    quantity=amounts,
    price_usd=maybe,
    quote_asset=st.just("") | assets,
    quote_quantity=amounts,
    fee_asset=st.just("") | assets,
    fee_quantity=st.just(Decimal(0)) | amounts,
    fee_usd=amounts,
    note=tricky,
    external_id=tricky.map(lambda text: f"kraken:{text}"),
)


def exported(rows: list[Draft]) -> str:
    return "".join(transaction_lines([asdict(row) for row in rows]))


@given(st.lists(booked, min_size=1, max_size=5))
def test_importing_an_export_gives_what_was_exported(rows):
    back = drafts(exported(rows))
    assert [replace(one, line=0) for one in back] == rows


@given(booked, tricky)
def test_no_cell_begins_like_a_formula_but_a_number(row, identity):
    lines = list(csv.reader(io.StringIO(exported([replace(row, external_id=identity)]))))
    for cell in lines[1]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_kinds_are_those_of_a_transaction():
    assert set(get_args(Kind)) == set(Transaction.TransactionKind.values)


def test_the_columns_are_fields_of_a_transaction():
    assert {field.name for field in Transaction._meta.fields} >= set(HEADER)


def test_unknown_stays_unknown_and_dollars_stay_dollars():
    row = Draft(0, "buy", datetime(2026, 1, 5, tzinfo=UTC), "solana", Decimal(1), external_id="x")
    (back,) = drafts(exported([row]))
    assert (back.price_usd, back.quote_asset, back.quote_quantity, back.fee_usd) == (None, "", None, None)
