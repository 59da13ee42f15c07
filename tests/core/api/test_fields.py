"""Each field takes one spelling, and what it took it gives back."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from rest_framework.serializers import Field, ValidationError

from core.api.fields import (
    FiniteFloat,
    OneOf,
    PlainText,
    StrictBoolean,
    StrictDecimal,
    StrictInteger,
    Symbol,
    UtcDateTime,
)

DECIMAL = StrictDecimal(max_digits=20, decimal_places=8)
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


def is_refused(field: Field[Any, Any, Any, Any], value: Any) -> bool:
    try:
        field.run_validation(value)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("value", [1, "1", "-7", 0, 2**63 - 1])
def test_a_whole_number_is_taken(value: Any):
    assert StrictInteger().run_validation(value) == int(value)


@pytest.mark.parametrize(
    "value", [1.0, "1.0", True, False, "١", "²", "1e3", "1_000", " 1", "", "+1", "0x1", 2**63, [], {}]
)
def test_what_only_looks_like_a_whole_number_is_refused(value: Any):
    assert is_refused(StrictInteger(), value)


@pytest.mark.parametrize("value", ["0.25", "-3", 12, "00.5", ".5", "123456789012.12345678"])
def test_a_plain_decimal_is_taken(value: Any):
    assert DECIMAL.run_validation(value) == Decimal(str(value))


@pytest.mark.parametrize(
    "value",
    [
        0.25,
        True,
        "1e5",
        "NaN",
        "Infinity",
        "-inf",
        "sNaN",
        "٣.٥",
        "1,5",
        "1 0",
        "0.123456789",
        "1" * 13,
        "",
        [],
        None,
    ],
)
def test_any_other_decimal_is_refused(value: Any):
    assert is_refused(DECIMAL, value)


@hypothesis(deadline=None)
@given(st.decimals(-(10**11), 10**11, places=8))
def test_a_decimal_survives_the_way_out_and_in(value: Decimal):
    assert DECIMAL.run_validation(DECIMAL.to_representation(value)) == value


def test_minus_zero_is_zero():
    assert not DECIMAL.run_validation("-0").is_signed()


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), True, "NaN", "1e5", "inf", "٣", 10**400, [], "1_0"]
)
def test_a_float_that_is_no_plain_finite_number_is_refused(value: Any):
    assert is_refused(FiniteFloat(), value)


@pytest.mark.parametrize(
    ("value", "number"), [(1, 1.0), (0.5, 0.5), ("0.5", 0.5), (1e300, 1e300), ("-2", -2.0)]
)
def test_a_finite_number_is_taken(value: Any, number: float):
    assert FiniteFloat().run_validation(value) == number


def test_a_figure_that_is_not_finite_leaves_as_absent():
    assert FiniteFloat().to_representation(float("nan")) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T08:00:00Z", datetime(2026, 11, 21, 8, tzinfo=UTC)),
        ("2026-11-21T08:00Z", datetime(2026, 11, 21, 8, tzinfo=UTC)),
        ("2026-11-21T08:00:00.25+02:00", datetime(2026, 11, 21, 6, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_utc(text: str, moment: datetime):
    read = UtcDateTime().run_validation(text)
    assert (read, read.utcoffset()) == (moment, timedelta(0))


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-21T08:00:00",
        "21.11.2026",
        "2026-13-01",
        "2026-02-30",
        "0001-01-01T00:00:00+14:00",
        "now",
        1e9,
        0,
        "",
    ],
)
def test_a_time_without_zone_or_sense_is_refused(value: Any):
    assert is_refused(UtcDateTime(), value)


@hypothesis(deadline=None)
@given(st.integers(-62_000_000_000_000, 253_000_000_000_000))
def test_a_moment_survives_the_way_out_and_in(milliseconds: int):
    moment = datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=5))) + timedelta(milliseconds=milliseconds)
    shown = UtcDateTime().to_representation(moment)
    assert shown.endswith("Z") and UtcDateTime().run_validation(shown) == moment


def test_a_symbol_is_in_capitals():
    assert Symbol().run_validation("sol") == "SOL"


@pytest.mark.parametrize("value", ["", "S" * 33, "SÖL", "A B", "<b>", 5, None, "SOL\n", "\u202eLOS"])
def test_an_odd_symbol_is_refused(value: Any):
    assert is_refused(Symbol(), value)


def test_a_choice_lists_what_is_possible_and_not_what_was_sent():
    with pytest.raises(ValidationError, match="Choose one of: 1h, 4h") as refusal:
        OneOf(choices=["1h", "4h"]).run_validation("2h-secret")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("value", [1, 0, "yes", "True", "1", "on", None, []])
def test_a_truth_value_is_true_or_false(value: Any):
    assert is_refused(StrictBoolean(), value)
    assert StrictBoolean().run_validation("false") is False


def test_text_is_stored_in_one_spelling():
    assert PlainText().run_validation("Zoe\u0308 ") == "Zoë"


@pytest.mark.parametrize("value", ["a\0b", "a\x1bb", "a\nb", "a\u2028b", "a\ud800b", 5, True, []])
def test_text_that_cannot_be_stored_is_refused(value: Any):
    assert is_refused(PlainText(), value)


def test_a_note_may_have_lines():
    assert PlainText(multiline=True).run_validation("one\ntwo") == "one\ntwo"


@hypothesis(deadline=None)
@given(ANYTHING)
def test_no_value_breaks_a_field_or_is_echoed(value: Any):
    fields = [StrictInteger(), DECIMAL, FiniteFloat(), UtcDateTime(), Symbol(), StrictBoolean(), PlainText()]
    for field in fields:
        is_refused(field, value)
