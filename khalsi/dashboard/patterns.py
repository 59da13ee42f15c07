"""Every component on one page, in each of its designed states: empty, loading, stale, failed."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from core.drawing.bars import Chances
from core.drawing.calibration import Bin, calibration_curve
from core.drawing.fan import Range, range_strip
from core.drawing.skill import Skill, skill_interval

NOW = datetime(2025, 3, 15, 14, 30, tzinfo=UTC)
BINS = [Bin(0.36, 0.355, 9200), Bin(0.42, 0.431, 3100), Bin(0.47, 0.462, 640), Bin(0.53, 0.56, 75)]
SKILLS = {
    "Better": Skill(0.034, 0.030, 0.038),
    "Level": Skill(0.003, -0.005, 0.010),
    "Worse, beyond the axis": Skill(-0.3, -0.34, -0.05),
}
PRICES = (98765.43, 142.3, 1.0002, 0.01234, 0.00001234, 1e-8, None)
MONEYS = (2.1e12, 1.234e9, 3.4e8, 12_340.0, 87.0, None)
CHANGES = (3.42, -2.1, 0.0, None)
AGES = (2, 45, 720, 4800, 26 * 3600, 3 * 86400, -900)


def patterns(request: HttpRequest) -> HttpResponse:
    """For developers alone."""
    if not settings.DEBUG:
        raise Http404
    spread = Range(reference=142.0, p10=139.2, p50=142.3, p90=145.9, band=0.006)
    context = {
        "now": NOW,
        "prices": PRICES,
        "moneys": MONEYS,
        "changes": CHANGES,
        "moments": [NOW - timedelta(seconds=seconds) for seconds in AGES],
        "said": Chances(0.27, 0.41, 0.32),
        "baseline": Chances(0.33, 0.34, 0.33),
        "rising": [1.0, 1.2, 1.1, 1.4, 1.3, 1.7],
        "falling": [1.7, 1.4, 1.5, 1.2, 1.3, 1.0],
        "holed": [1.0, 1.2, None, 1.4, 1.3, 1.7],
        "strip": _drawn(range_strip(spread, title="Range", description="p10 to p90 with the sideways band")),
        "curve": _drawn(calibration_curve(BINS, title="Calibration")),
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


def _drawn(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308  # core.drawing escapes every text and attribute
