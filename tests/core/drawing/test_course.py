"""Lines over time, and round marks on axes."""

from datetime import UTC, datetime

import pytest

from core.drawing.course import Frame, Line, course
from core.drawing.scales import time_marks, value_marks

DAY = 86_400
START = datetime(2026, 1, 5, tzinfo=UTC).timestamp()


def drawn(*values: float | None, filled: bool = False) -> str:
    frame = Frame([START + DAY * day for day in range(len(values))], 0.0, 10.0, 500, 200)
    line = Line("course-value", values)
    return course(frame, [line], marks=[], times=[], title="Value", description="A walk", filled=filled)


def test_a_line_breaks_where_nothing_is_known_and_the_ground_is_shaded():
    picture = drawn(1.0, 2.0, None, 4.0, 5.0)
    assert picture.count('class="course-value"') == 2
    assert picture.count("course-gap") == 1


def test_what_is_unknown_at_both_ends_is_shaded_to_the_edge():
    assert drawn(None, None, 3.0, 4.0, None).count("course-gap") == 2


def test_a_single_known_value_is_a_dot():
    assert 'class="course-value-dot"' in drawn(None, 2.0, None)


def test_a_filled_line_has_an_area_down_to_zero():
    assert 'class="course-value-area"' in drawn(1.0, 2.0, filled=True)


def test_one_moment_is_no_picture():
    assert drawn(1.0) == ""


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0.0, 10.4, [0.0, 2.5, 5.0, 7.5, 10.0]),
        (-52.0, 0.0, [-40.0, -20.0, 0.0]),
        (0.0, 0.0009, [0.0, 0.0002, 0.0004, 0.0006, 0.0008]),
    ],
)
def test_values_are_marked_at_round_numbers(low: float, high: float, marks: list[float]):
    assert [mark.value for mark in value_marks(low, high, str)] == pytest.approx(marks)


@pytest.mark.parametrize(
    ("days", "texts"),
    [
        (0.5, ["05 Jan 00:00", "05 Jan 03:00", "05 Jan 06:00", "05 Jan 09:00", "05 Jan 12:00"]),
        (5, ["05 Jan", "06 Jan", "07 Jan", "08 Jan", "09 Jan", "10 Jan"]),
        (400, ["Apr 2026", "Jul 2026", "Oct 2026", "Jan 2027"]),
        (3 * 365, ["2027", "2028", "2029"]),
    ],
)
def test_times_are_marked_at_whole_hours_days_months_or_years(days: float, texts: list[str]):
    assert [mark.text for mark in time_marks(START, START + days * DAY)] == texts
