"""Files as people send them: in any encoding, with any delimiter, damaged, hostile or too large."""

import codecs
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lib.errors import BadInput, KhalsiError, TooLarge
from portfolios.statements import reading
from portfolios.statements.mapping import Columns, suggested
from portfolios.statements.moments import BadMoment, parse_moment
from portfolios.statements.outcomes import CellError, Draft, Rejected, Terms
from portfolios.statements.row import parse_amount
from portfolios.statements.statement import open_file
from tests.make.statements import BINANCE_TRADES, KOINLY, drafts, read, rejected

COLUMNS = Columns(
    {"executed_at": "when", "asset": "coin", "quantity": "much", "kind": "what", "note": "note"}
)
HEADER = "when,coin,much,what,note\n"
GOOD = "2026-01-05 10:00:00,SOL,2,buy,Müller\n"


def own(text: str | bytes, **terms) -> list:
    return read(text, "own", Terms(**terms), COLUMNS)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("latin-1", "Latin-1"),
    ],
)
def test_the_encoding_is_found_and_told(encoding, name):
    data = (HEADER + GOOD).encode(encoding)
    assert open_file(data).encoding_name == name
    (draft,) = own(data)
    assert (draft.note, draft.quantity) == ("Müller", 2)


@pytest.mark.parametrize("delimiter", reading.DELIMITERS)
def test_the_delimiter_is_found(delimiter):
    (draft,) = own((HEADER + GOOD).replace(",", delimiter))
    assert draft.asset == "SOL"


def test_excels_line_about_the_delimiter_is_passed_over():
    (draft,) = own("sep=;\n" + (HEADER + GOOD).replace(",", ";"))
    assert draft.asset == "SOL"


def test_a_known_header_is_found_under_a_delimiter_that_makes_fewer_columns():
    prose = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\n"
    assert len(drafts(prose + KOINLY.replace(",", ";"))) == 4


def test_quoted_cells_hold_delimiters_quotes_and_lines():
    (draft,) = own(HEADER + '2026-01-05,SOL,2,buy,"a, ""b""\nc"\n')
    assert draft.note == 'a, "b" c'


def test_a_bad_row_is_rejected_with_its_line_column_and_remedy_and_the_others_stay():
    found = own(HEADER + GOOD + "2026-01-05,SOL,1e400,buy,\n" + GOOD)
    assert [type(one) for one in found] == [Draft, Rejected, Draft]
    (bad,) = rejected(found)
    assert (bad.line, bad.column) == (3, "much") and "plain digits" in bad.message
    assert "1e400" not in bad.message and bad.cells[2] == "1e400"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2026-01-05,SOL,=1+1,buy,", "much"),
        ("2026-01-05,SOL,0,buy,", "much"),
        ("2026-01-05,SOL,NaN,buy,", "much"),
        ("2026-01-05,SOL,٢,buy,", "much"),
        ("2026-01-05,SOL,0.0000000000000000001,buy,", "much"),
        ("2026-01-05,SOL,100000000000000000000,buy,", "much"),
        ("2026-01-05,SOL,,buy,", "much"),
        ("2026-01-05,<b>SOL</b>,1,buy,", "coin"),
        ("2026-01-05,=SOL,1,buy,", "coin"),
        ("yesterday,SOL,1,buy,", "when"),
        ("2026-13-05,SOL,1,buy,", "when"),
        ("1999-01-05,SOL,1,buy,", "when"),
        ("2030-01-05,SOL,1,buy,", "when"),
        ("2026-01-05,SOL,1,stolen,", "what"),
        ("2026-01-05,SOL,1,buy,a\x1bb", "note"),
        ("2026-01-05,SOL,1,buy,,more", ""),
        ("2026-01-05,SOL,1,buy,\x00", ""),
        ('2026-01-05,SOL,1,buy,"open', ""),
        ('2026-01-05,SOL,1,"buy" x,y', ""),
        ("2026-01-05,SOL,1,buy," + "x" * 20_000, ""),
        ("2026-01-05,SOL,1,buy," + "x" * 200_000, ""),
    ],
)  # fmt: skip
def test_what_no_row_may_hold(row, column):
    found = own(HEADER + GOOD + row + "\n", latest=datetime(2026, 6, 1, tzinfo=UTC))
    (bad,) = rejected(found)
    assert (bad.line, bad.column) == (3, column)
    assert isinstance(found[0], Draft)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"PK\x03\x04 a zip", "no CSV"),
        (b"\xd0\xcf\x11\xe0 old excel", "no CSV"),
        (b"one column\nonly\n", "one column"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a", "UTF-16"),
        (",".join("abcdefghij" * 11).encode(), "100 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_the_remedy(data, words):
    with pytest.raises(BadInput, match=words):
        open_file(data)


def test_too_large_and_too_long(monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    with pytest.raises(TooLarge, match="in parts"):
        open_file(b"a,b\n" * 50)
    monkeypatch.setattr(reading, "MOST_BYTES", 10_000)
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    with pytest.raises(BadInput, match="more than 3 rows"):
        own(HEADER + GOOD * 4)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data):
    try:
        sheet = open_file(data)
    except KhalsiError:
        return
    assert len(set(sheet.header)) == len(sheet.header)
    list(sheet.lines())


@given(st.text(max_size=60))
def test_no_text_breaks_an_amount_or_a_time(text):
    with suppress(CellError):
        assert parse_amount(text, "x").is_finite()
    with suppress(BadMoment, OverflowError):
        assert parse_moment(text, UTC).tzinfo


@pytest.mark.parametrize(
    ("text", "comma", "amount"),
    [
        ("1,234.5", False, "1234.5"),
        ("$1,234.50", False, "1234.50"),
        ("-€3", False, "-3"),
        ("1.234,5", True, "1234.5"),
        ("0,5", True, "0.5"),
        ("1E-8", False, "0.00000001"),
        ("12345678901234567890.123456789012345678", False, "12345678901234567890.123456789012345678"),
        ("0.100000000000000000000", False, "0.1"),
    ],
)
def test_amounts_as_exports_write_them(text, comma, amount):
    assert parse_amount(text, "x", comma) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["1,5", "0,500", "-00,250", "1 000", "1.2.3", "1e5", "--1", "12,34.5", "$", "0x1"]
)
def test_amounts_that_could_mean_two_things_are_refused(text):
    with pytest.raises(CellError):
        parse_amount(text, "x")


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-01-05T10:00:00Z", "UTC", "2026-01-05T10:00:00"),
        ("2026-01-05 10:00", "UTC", "2026-01-05T10:00:00"),
        ("2026-01-05 10:00:00.123456 UTC", "Europe/Berlin", "2026-01-05T10:00:00.123456"),
        ("2026-01-05 10:00:00", "Europe/Berlin", "2026-01-05T09:00:00"),
        ("2026-01-05 10:00:00 +08:00", "UTC", "2026-01-05T02:00:00"),
        ("05.01.2026 10:00", "UTC", "2026-01-05T10:00:00"),
        ("25/01/2026", "UTC", "2026-01-25T00:00:00"),
        ("01/25/2026", "UTC", "2026-01-25T00:00:00"),
        ("1767607200", "UTC", "2026-01-05T10:00:00"),
        ("1767607200000", "UTC", "2026-01-05T10:00:00"),
    ],
)
def test_times_as_exports_write_them(text, zone, moment):
    assert parse_moment(text, ZoneInfo(zone)) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "words"),
    [
        ("05/01/2026", "UTC", "two different days"),
        ("2026-03-29 02:30", "Europe/Berlin", "never was"),
        ("2025-10-26 02:30", "Europe/Berlin", "there twice"),
    ],
)
def test_times_that_could_mean_two_moments_are_refused(text, zone, words):
    with pytest.raises(BadMoment, match=words):
        parse_moment(text, ZoneInfo(zone))


def test_the_owner_says_whether_day_or_month_stands_first():
    assert parse_moment("05/01/2026", UTC, "day").month == 1
    assert parse_moment("05/01/2026", UTC, "month").month == 5


def test_own_columns_are_suggested_where_their_names_leave_no_doubt():
    assert suggested(("Date", "Type", "Coin", "Amount", "Price USD")) == {
        "executed_at": "Date", "kind": "Type", "asset": "Coin", "quantity": "Amount", "price_usd": "Price USD",
    }  # fmt: skip


def test_own_columns_must_name_what_is_needed():
    with pytest.raises(BadInput) as refused:
        read(HEADER + GOOD, "own", columns=Columns({"asset": "coin", "quantity": "nowhere"}))
    assert {one.field for one in refused.value.details} == {"quantity", "executed_at", "kind"}


def test_a_file_of_another_kind_than_was_chosen_is_refused():
    with pytest.raises(BadInput, match="not those of Koinly"):
        read(BINANCE_TRADES, "koinly")
    with pytest.raises(BadInput, match="no kind that is known"):
        read(HEADER + GOOD)
