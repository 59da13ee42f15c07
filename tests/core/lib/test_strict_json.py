"""JSON from outside becomes a value or a refusal, and nothing else."""

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from core.lib.errors import ReplyRefused
from core.lib.strict_json import loads

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)


@hypothesis(deadline=None)
@given(VALUES)
def test_what_is_sound_is_read_as_the_standard_library_reads_it(value: Any):
    assert loads(json.dumps(value).encode()) == value
    assert loads(json.dumps(value, ensure_ascii=False).encode()) == value


@hypothesis(deadline=None)
@given(st.binary(max_size=60) | st.text('[]{}",:\\u0d8e1-.NaInf ', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes):
    try:
        value = loads(data)
    except ReplyRefused:
        return
    json.dumps(value, allow_nan=False).encode()


@hypothesis(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_depth_is_counted_outside_of_strings(depth: int, limit: int):
    data = b'{"[[[{": ' * depth + b'"]]\\"[["' + b"}" * depth
    if depth <= limit:
        loads(data, max_depth=limit)
    else:
        with pytest.raises(ReplyRefused, match="deeper"):
            loads(data, max_depth=limit)


@pytest.mark.parametrize(
    "data",
    [
        b"NaN",
        b"[-Infinity]",
        b"1e999",
        b'{"a":1,"a":1}',
        b"",
        b"[1",
        b"[1,]",
        b'"\\ud800"',
        b"'a'",
        b"01",
        b"1" * 65,
    ],
)
def test_this_is_refused(data: bytes):
    with pytest.raises(ReplyRefused):
        loads(data)


def test_a_key_that_is_repeated_deep_inside_is_refused():
    with pytest.raises(ReplyRefused, match="twice"):
        loads(b'[{"a": [{"b": 1, "b": 2}]}]')


def test_more_bytes_than_allowed_are_refused():
    with pytest.raises(ReplyRefused, match="larger than 10"):
        loads(b"[1,2,3,4,5,6]", max_bytes=10)


def test_depth_beyond_the_interpreter_is_refused():
    with pytest.raises(ReplyRefused):
        loads(b"[" * 100_000 + b"]" * 100_000)


def test_exact_numbers_come_from_their_text():
    assert loads(b"[0.1, 12345678901234567890.123456789, 3]", exact=True) == [
        Decimal("0.1"),
        Decimal("12345678901234567890.123456789"),
        Decimal(3),
    ]


def test_one_odd_name_need_not_cost_the_list():
    read = loads(b'[{"name": "a\\ud800b"}, {"n\\u0000": "\\ud83d\\ude00"}]', bad_text="replace")
    assert read == [{"name": "a\ufffdb"}, {"n\ufffd": "😀"}]


def test_an_escaped_backslash_before_u0000_is_text():
    assert loads(b'"\\\\u0000"') == "\\u0000"


def test_a_refusal_does_not_repeat_what_was_sent():
    with pytest.raises(ReplyRefused) as refusal:
        loads(b'{"password": hunter2}')
    assert "hunter2" not in refusal.value.message


def test_floats_are_finite():
    assert all(map(math.isfinite, loads(b"[1e308, -1e308, 1e-400]")))
