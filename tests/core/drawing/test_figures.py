"""Every figure is whole XML with a name, escapes what it is given, and carries no style of its own."""

from xml.etree import ElementTree

import pytest

from core.drawing.bars import Chances, probability_bar
from core.drawing.calibration import Bin, calibration_curve, wilson
from core.drawing.fan import Range, range_strip
from core.drawing.qr_code import qr_code
from core.drawing.skill import Skill, skill_interval
from core.drawing.sparkline import sparkline

HOSTILE = '<script>alert("&")</script>'
SPREAD = Range(reference=100.0, p10=95.0, p50=101.0, p90=108.0, band=0.01)
SVG = "{http://www.w3.org/2000/svg}"
FIGURES = {
    "sparkline": lambda title: sparkline([1.0, 2.0, None, 3.0, 2.0], title=title),
    "bar": lambda title: probability_bar(Chances(0.3, 0.4, 0.3), Chances(0.33, 0.34, 0.33), title=title),
    "strip": lambda title: range_strip(SPREAD, title=title, description=title),
    "curve": lambda title: calibration_curve([Bin(0.36, 0.35, 900), Bin(0.45, 0.47, 120)], title=title),
    "qr": lambda title: qr_code("otpauth://totp/Khalsi:alice", title=title),
    "skill": lambda title: skill_interval(Skill(0.03, 0.01, 0.05), reach=0.06, title=title),
}


def _parts(svg: str, name: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(svg).findall(f".//{SVG}{name}")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_whole_and_says_what_it_is(name: str) -> None:
    root = ElementTree.fromstring(FIGURES[name]("SOL"))
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == "SOL"


@pytest.mark.parametrize("name", FIGURES)
def test_text_from_outside_stays_text(name: str) -> None:
    svg = FIGURES[name](HOSTILE)
    assert "<script" not in svg
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == HOSTILE


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_brings_no_style_of_its_own(name: str) -> None:
    assert "style=" not in FIGURES[name]("SOL")


def test_the_three_parts_fill_the_bar_from_down_to_up() -> None:
    svg = probability_bar(Chances(0.2, 0.5, 0.3), title="SOL", width=100)
    parts = [tuple(part.attrib[name] for name in ("data-part", "x", "width")) for part in _parts(svg, "rect")]
    assert parts == [("down", "0", "20"), ("sideways", "20", "50"), ("up", "70", "30")]


def test_the_ticks_stand_where_the_baseline_divides_the_bar() -> None:
    svg = probability_bar(Chances(0.2, 0.5, 0.3), Chances(0.33, 0.34, 0.33), title="SOL", width=100)
    assert [tick.attrib["x1"] for tick in _parts(svg, "line")] == ["33", "67"]


def test_the_bar_says_in_words_what_it_shows() -> None:
    svg = probability_bar(Chances(0.2, 0.5, 0.3), Chances(0.33, 0.34, 0.33), title="SOL")
    told = ElementTree.fromstring(svg).findtext(f"{SVG}desc")
    assert told == "Forecast: down 20%, sideways 50%, up 30%. Baseline: down 33%, sideways 34%, up 33%."


@pytest.mark.parametrize(
    ("values", "css"), [([1.0, 2.0], "spark--up"), ([2.0, 1.0], "spark--down"), ([1.0, 1.0], "spark--level")]
)
def test_a_sparkline_knows_its_direction(values: list[float], css: str) -> None:
    assert css in sparkline(values, title="SOL")


def test_a_hole_in_the_prices_is_a_hole_in_the_line() -> None:
    svg = sparkline([1.0, 2.0, None, 3.0, 4.0], title="SOL")
    assert len([part for part in _parts(svg, "path") if part.attrib["class"] == "spark-line"]) == 2


@pytest.mark.parametrize("values", [[], [1.0], [None, None, 1.0]])
def test_too_little_to_draw_is_not_drawn(values: list[float | None]) -> None:
    assert sparkline(values, title="SOL") == ""


def test_a_curve_of_no_outcomes_is_not_drawn() -> None:
    assert calibration_curve([Bin(0.4, 0.0, 0)], title="1h") == ""


def test_wilsons_interval_agrees_with_a_worked_example() -> None:
    """Ten of twenty: 0.5 ± 1.96·√(0.25/20 + 3.8416/1600) / (1 + 3.8416/20), that is 0.299 to 0.701."""
    assert wilson(0.5, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)


def test_a_curve_shows_the_number_of_outcomes_of_each_bin() -> None:
    svg = calibration_curve([Bin(0.36, 0.35, 1900)], title="1h")
    assert "n 1,900" in svg


@pytest.mark.parametrize(
    ("skill", "verdict"),
    [
        (Skill(0.03, 0.01, 0.05), "better"),
        (Skill(0.0, -0.01, 0.01), "level"),
        (Skill(-0.2, -0.3, -0.1), "worse"),
    ],
)
def test_a_skill_speaks_only_where_its_interval_leaves_zero_out(skill: Skill, verdict: str) -> None:
    assert f"skill--{verdict}" in skill_interval(skill, reach=0.06, title="1h")


def test_an_interval_beyond_the_axis_is_marked_as_cut() -> None:
    svg = skill_interval(Skill(-1.5, -1.6, -1.4), reach=0.06, title="rules")
    assert len(_parts(svg, "polygon")) == 2
