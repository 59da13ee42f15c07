"""The plots of a back-test's report, as SVG and as PNG."""

import pytest
from PIL import Image

from predictions.report.drawing import png, svg
from predictions.report.plots import Course, Estimate, Tenth, calibration, courses, intervals, over_time
from predictions.report.shapes import BLUE, Text

PERIODS = ["2024 Q1", "2024 Q2"]
EARLY, SURE = Estimate("a", 0.03), Estimate("b", 0.031, 0.02, 0.04)
PICTURES = {
    "over time": over_time("skill", PERIODS, [EARLY, EARLY], [EARLY, SURE]),
    "calibration": calibration("calibration", [Tenth(0.4, 0.41, 0.39, 0.42, 1200)]),
    "empty calibration": calibration("calibration", []),
    "coverage": courses("coverage", PERIODS, [Course("all", [0.8, 0.81]), Course("SOL", [None, 0.7])], 0.8),
    "alternatives": intervals("skill", [EARLY, SURE, Estimate("c", -0.01, -0.02, 0.0)], "told"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_stands_in_a_page_and_in_a_file(name, tmp_path):
    picture = PICTURES[name]
    text = svg(picture)
    assert text.startswith("<svg") and picture.title in text and picture.told in text
    png(picture, tmp_path / "p.png")
    with Image.open(tmp_path / "p.png") as image:
        assert image.size == (2 * picture.width, 2 * picture.height)
        assert len(image.getcolors(1 << 20)) > 10


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_drawn_outside_of_it(name):
    picture = PICTURES[name]
    for shape in picture.shapes:
        for x, y in getattr(shape, "points", None) or [shape.at]:
            assert -1 <= x <= picture.width + 1 and -1 <= y <= picture.height + 1


def test_axes_are_told_in_few_digits():
    words = [
        shape.text for picture in PICTURES.values() for shape in picture.shapes if isinstance(shape, Text)
    ]
    assert {"80.0%", "40%"} <= set(words) and max(map(len, words)) < 12


def test_what_beats_the_baseline_lies_right_of_it():
    lines = [shape for shape in PICTURES["alternatives"].shapes if getattr(shape, "colour", "") == BLUE]
    ends = [shape.points for shape in lines if hasattr(shape, "points")]
    assert ends[0][0][0] > ends[1][1][0], "b lies above zero, c ends at it"
