"""Ranges side by side: drawn to one scale, told in words, and nothing where there is nothing."""

from core.drawing.price_chart import Label
from core.drawing.ranges import Pair, Span, range_columns

WORDS = {"title": "Ranges", "description": "1d: 90 to 110."}


def test_each_horizon_has_its_range_beside_the_usual_one():
    drawn = range_columns(
        [Pair("1d", Span(90, 100, 110), Span(80, 100, 120)), Pair("7d", None, Span(70, 100, 130))],
        100.0,
        [Label(130.0, "+30 %")],
        **WORDS,
    )
    assert (drawn.count('class="ranges-said"'), drawn.count('class="ranges-usual"')) == (1, 2)
    assert "<title>Ranges</title>" in drawn
    assert ">7d</text>" in drawn


def test_a_range_of_nothing_is_a_hair_and_no_range_no_picture():
    hair = range_columns([Pair("15m", Span(100, 100, 100), None)], 100.0, [], **WORDS)
    assert 'height="1.5"' in hair
    assert range_columns([Pair("15m", None, None)], 100.0, [], **WORDS) == ""
