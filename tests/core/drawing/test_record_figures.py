"""The pictures of the record and of a token's prices: whole XML, within their frame, whatever they are given."""

import math
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.drawing.calibration import Bin, calibration_curve
from core.drawing.coverage import coverage_mark
from core.drawing.fan import Range, range_strip
from core.drawing.over_time import Moment, skill_over_time
from core.drawing.price_chart import Bar, Fan, Issued, Knot, Label, price_chart
from core.drawing.skill import Skill

HOSTILE = '<script>alert("&")</script>'
SVG = "{http://www.w3.org/2000/svg}"
shares = some.floats(-3, 3, allow_nan=False)
prices = some.floats(1e-9, 1e6, allow_nan=False)
skills = some.tuples(shares, shares, shares).map(sorted).map(lambda ends: Skill(ends[1], ends[0], ends[2]))
moments = some.lists(
    some.builds(Moment, some.text(max_size=8), some.none() | skills, some.none() | skills), max_size=40
)


def parts(svg: str, name: str, css: str = "") -> list[ElementTree.Element]:
    found = ElementTree.fromstring(svg).iter(f"{SVG}{name}")
    return [part for part in found if css in part.attrib.get("class", "").split() or not css]


def within(svg: str) -> bool:
    """Whether every coordinate is a number inside the picture."""
    root = ElementTree.fromstring(svg)
    width, height = (float(root.attrib[name]) for name in ("width", "height"))
    across = [
        float(part.attrib[name])
        for part in root.iter()
        for name in ("x", "x1", "x2", "cx")
        if name in part.attrib
    ]
    along = [
        float(part.attrib[name])
        for part in root.iter()
        for name in ("y", "y1", "y2", "cy")
        if name in part.attrib
    ]
    finite = all(math.isfinite(value) for value in (*across, *along)) and "nan" not in svg
    return finite and all(-1 <= x <= width + 1 for x in across) and all(-1 <= y <= height + 1 for y in along)


@given(moments, some.floats(0.02, 0.1))
def test_skill_over_time_stays_in_its_frame(given_moments: list[Moment], reach: float) -> None:
    svg = skill_over_time(
        [Moment(one.label.strip() or "m", *one[1:]) for one in printable(given_moments)],
        reach=reach,
        title="S",
    )
    assert (svg == "") == (not any(moment.so_far for moment in given_moments))
    assert svg == "" or within(svg)


def printable(given_moments: list[Moment]) -> list[Moment]:
    """XML knows no control characters; labels are months."""
    return [
        one._replace(label="".join(c for c in one.label if c.isprintable() and c < "\ud800"))
        for one in given_moments
    ]


def test_what_was_too_early_is_shaded_and_said() -> None:
    skill = Skill(0.03, 0.01, 0.05)
    svg = skill_over_time(
        [Moment("2026-01", None, None), Moment("2026-02", skill, None)], reach=0.06, title="S"
    )
    assert len(parts(svg, "rect", "plot-silent")) == 1
    told = ElementTree.fromstring(svg).findtext(f"{SVG}desc")
    assert told == "2026-01: too early to say; 2026-02: +3.0% [+1.0%, +5.0%]"


def test_the_newest_stretch_stands_as_a_dot_of_its_own() -> None:
    skill = Skill(0.03, 0.01, 0.05)
    svg = skill_over_time([Moment("a", skill, skill), Moment("b", skill, None)], reach=0.06, title="S")
    assert len(parts(svg, "circle", "plot-newest")) == 1


@given(some.floats(0, 1))
def test_a_coverage_stays_on_its_axis(share: float) -> None:
    svg = coverage_mark(share, wanted=0.8, title="SOL")
    assert within(svg)
    assert bool(parts(svg, "polygon")) == (abs(share - 0.8) > 0.2)


def test_what_was_wanted_stands_in_the_middle() -> None:
    assert parts(coverage_mark(0.8, wanted=0.8, title="SOL"), "circle")[0].attrib["cx"] == "60"


knots = some.tuples(some.integers(1, 10**6), some.lists(prices, min_size=5, max_size=5))


@given(
    some.lists(some.tuples(prices, prices, prices).map(sorted), min_size=2, max_size=30),
    some.none() | some.lists(knots, max_size=4),
    some.lists(some.tuples(prices, prices, prices, some.booleans()), max_size=5),
)
def test_a_price_chart_stays_in_its_frame(lines, ahead, past) -> None:  # type: ignore[no-untyped-def]
    bars = [Bar(number * 900, high, low, close) for number, (low, close, high) in enumerate(lines)]
    last = bars[-1]
    fan = None
    if ahead is not None:
        mine = sorted(
            Knot(last.at + seconds, *sorted(values[:3]), *sorted(values[3:])) for seconds, values in ahead
        )
        fan = Fan(last.at, last.close, mine)
    issued = [Issued(0.0, min(a, b), max(a, b), ended, hit) for a, b, ended, hit in past]
    assert within(
        price_chart(bars, fan, issued, times=[], prices=[Label(1.0, "$1")], title="T", description="D")
    )


def a_chart(**changed: object) -> str:
    given = {
        "bars": [Bar(0, 11.0, 9.0, 10.0), Bar(900, 11.0, 9.0, 10.0)],
        "fan": Fan(900, 10.0, [Knot(4500, 9.0, 10.0, 11.0, 8.5, 11.5)]),
        "issued": [],
        "times": [],
        "prices": [],
        "title": "SOL",
        "description": "words",
        **changed,
    }
    bars, fan, issued = given.pop("bars"), given.pop("fan"), given.pop("issued")
    return price_chart(bars, fan, issued, **given)  # type: ignore[arg-type]


def test_the_range_ahead_stands_with_the_baselines_beside_it() -> None:
    svg = a_chart()
    assert len(parts(svg, "path", "fan-range")) == len(parts(svg, "path", "fan-baseline")) == 1


def test_a_past_forecast_shows_whether_the_range_held_and_the_class_came() -> None:
    svg = a_chart(issued=[Issued(0, 9.5, 10.5, 10.0, True), Issued(900, 9.5, 10.5, 10.7, False)])
    assert [part.text for part in parts(svg, "text", "issued-mark")] == ["✓", "✕"]
    assert len(parts(svg, "line", "issued--in")) == len(parts(svg, "line", "issued--out")) == 1


@pytest.mark.parametrize("bars", [[], [Bar(0, None, None, 1.0)]])
def test_too_few_candles_are_not_drawn(bars: list[Bar]) -> None:
    assert a_chart(bars=bars) == ""


def test_closes_alone_are_a_line_without_wicks() -> None:
    svg = a_chart(bars=[Bar(0, None, None, 10.0), Bar(900, None, None, 11.0)])
    assert parts(svg, "path", "price-line")
    assert not parts(svg, "path", "price-wicks")


def test_the_price_that_came_stands_in_the_strip() -> None:
    spread = Range(reference=100.0, p10=95.0, p50=101.0, p90=108.0, band=0.01)
    drawn = {
        ended: range_strip(spread, title="t", description="d", ended=ended) for ended in (None, 100.0, 120.0)
    }
    assert [len(parts(svg, "polygon")) for svg in drawn.values()] == [0, 1, 1]
    assert parts(drawn[100.0], "polygon", "strip-ended--in")
    assert parts(drawn[120.0], "polygon", "strip-ended--out")
    assert within(drawn[120.0])


def test_labels_of_a_wide_curve_leave_room_for_one_another() -> None:
    bins = [Bin(0.05, 0.02, 10), Bin(0.95, 0.97, 10)]
    across = [
        float(one.attrib["x"])
        for one in parts(calibration_curve(bins, title="t", size=220), "text")
        if one.text.endswith("%") and one.attrib["text-anchor"] == "middle"
    ]
    assert all(later - sooner >= 29 for sooner, later in pairwise(across))


def test_every_figure_escapes_what_it_is_given() -> None:
    skill = Skill(0.03, 0.01, 0.05)
    drawn = [
        skill_over_time([Moment(HOSTILE, skill, skill)], reach=0.06, title=HOSTILE),
        coverage_mark(0.8, wanted=0.8, title=HOSTILE),
        a_chart(title=HOSTILE, description=HOSTILE, times=[Label(0, HOSTILE)], prices=[Label(10, HOSTILE)]),
    ]
    for svg in drawn:
        assert "<script" not in svg
        assert "style=" not in svg
        assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == HOSTILE
