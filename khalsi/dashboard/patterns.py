"""Every component on one page, in each of its designed states: empty, loading, stale, failed."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from core.drawing import calibration
from core.drawing.bars import Chances
from core.drawing.course import Frame, Line, course
from core.drawing.coverage import coverage_mark
from core.drawing.fan import Range, range_strip
from core.drawing.over_time import Moment, skill_over_time
from core.drawing.price_chart import Bar, Fan, Issued, Knot, Label, price_chart
from core.drawing.ranges import Pair, Span, range_columns
from core.drawing.scales import time_marks, value_marks
from core.drawing.skill import Skill, skill_interval

NOW = datetime(2025, 3, 15, 14, 30, tzinfo=UTC)
BINS = [
    calibration.Bin(*bin_)
    for bin_ in ((0.36, 0.355, 9200), (0.42, 0.431, 3100), (0.47, 0.462, 640), (0.53, 0.56, 75))
]
SKILLS = {
    "Better": Skill(0.034, 0.030, 0.038),
    "Level": Skill(0.003, -0.005, 0.010),
    "Worse, beyond the axis": Skill(-0.3, -0.34, -0.05),
}
MONTHS = [
    Moment("2025-01", None, None),
    Moment("2025-02", None, None),
    Moment("2025-03", Skill(0.021, -0.004, 0.046), Skill(0.021, -0.004, 0.046)),
    Moment("2025-04", Skill(0.026, 0.004, 0.047), Skill(0.031, 0.002, 0.055)),
    Moment("2025-05", Skill(0.029, 0.011, 0.046), Skill(0.024, -0.006, 0.050)),
]
RANGES = [
    Pair("1d", Span(97, 100, 103), Span(96, 100, 104)),
    Pair("7d", Span(92, 101, 111), Span(90, 100, 112)),
    Pair("30d", None, Span(80, 100, 126)),
]
PRICES = (98765.43, 142.3, 1.0002, 0.01234, 0.00001234, 1e-8, None)
MONEYS = (2.1e12, 1.234e9, 3.4e8, 12_340.0, 87.0, None)
AMOUNTS = (*map(Decimal, ("12345.5", "0.123456789012345678", "0.000012345", "-87.4", "0")), None)
SHARES = (Decimal("0.661"), Decimal("0.013"), None)
CHANGES = (3.42, -2.1, 0.0, None)
AGES = (2, 45, 720, 4800, 26 * 3600, 3 * 86400, -900)


def patterns(request: HttpRequest) -> HttpResponse:
    """For developers alone."""
    if not settings.DEBUG:
        raise Http404
    spread = Range(reference=142.0, p10=139.2, p50=142.3, p90=145.9, band=0.006)
    words = "p10 to p90 with the sideways band"
    context = {
        "now": NOW,
        "prices": PRICES,
        "moneys": MONEYS,
        "changes": CHANGES,
        "amounts": AMOUNTS,
        "shares": SHARES,
        "moments": [NOW - timedelta(seconds=seconds) for seconds in AGES],
        "said": Chances(0.27, 0.41, 0.32),
        "baseline": Chances(0.33, 0.34, 0.33),
        "rising": [1.0, 1.2, 1.1, 1.4, 1.3, 1.7],
        "falling": [1.7, 1.4, 1.5, 1.2, 1.3, 1.0],
        "holed": [1.0, 1.2, None, 1.4, 1.3, 1.7],
        "strip": _drawn(range_strip(spread, title="Range", description=words)),
        "ended": {
            name: _drawn(range_strip(spread, title=name, description=words, ended=ended))
            for name, ended in (("Ended inside", 143.9), ("Ended outside", 147.2))
        },
        "months": _drawn(skill_over_time(MONTHS, reach=0.06, title="Skill over time")),
        "coverages": {
            name: _drawn(coverage_mark(share, wanted=0.8, title=name))
            for name, share in (("As wanted", 0.8), ("Too wide", 0.91), ("Far too narrow", 0.41))
        },
        "prices_drawn": _drawn(a_price_chart()),
        "course_drawn": _drawn(a_course()),
        "ranges": _drawn(
            range_columns(RANGES, 100, [], title="Ranges side by side", description="1d, 7d and 30d")
        ),
        "curve": _drawn(calibration.calibration_curve(BINS, title="Calibration")),
        "skills": {
            name: _drawn(skill_interval(skill, reach=0.06, title=name)) for name, skill in SKILLS.items()
        },
        "badges": (
            "live",
            "stale",
            "closed",
            "half_open",
            "open",
            "done",
            "failed",
            "hit",
            "miss",
            "void",
            "late",
        ),
    }
    return render(request, "patterns.html", context)


def a_price_chart() -> str:
    """Quarter hours with two past forecasts and a range ahead."""
    start = NOW.timestamp()
    bars = [Bar((place - 40) * 900 + start, *_bar(place)) for place in range(41)]
    fan = Fan(start, bars[-1].close, [Knot(start + 14_400, 139.0, 141.5, 144.5, 138.2, 145.4)])
    issued = [
        Issued(start - 27_000, 140.6, 143.2, 141.4, True),
        Issued(start - 14_400, 140.9, 143.4, 144.0, False),
    ]
    times = [Label(start - hours * 3600, f"{14 - hours}:30") for hours in (8, 4, 0)]
    prices = [Label(price, f"${price:.0f}") for price in (140.0, 142.0, 144.0)]
    return price_chart(
        bars, fan, issued, times=times, prices=prices, title="Prices", description="A walk and its range"
    )


def a_course() -> str:
    """Two lines, the upper one with a stretch of which nothing is known."""
    frame = Frame([NOW.timestamp() + 86_400 * day for day in range(40)], 0.0, 1400.0, 1040, 300)
    value = [None if 18 <= day <= 22 else 1000 + 250 * math.sin(day / 6) for day in range(40)]
    beside = [1000 + 8.0 * day for day in range(40)]
    return course(
        frame,
        [Line("course-benchmark", beside), Line("course-value", value)],
        marks=value_marks(0.0, 1400.0, "${:.0f}".format),
        times=time_marks(frame.times[0], frame.times[-1]),
        title="Value over time",
        description="A value with a gap, beside something else",
    )


def _bar(place: int) -> tuple[float, float, float]:
    close = 142 + 1.3 * math.sin(place / 5) + 0.4 * math.sin(place * 1.7)
    return close + 0.35, close - 0.35, close


def _drawn(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308  # core.drawing escapes every text and attribute
