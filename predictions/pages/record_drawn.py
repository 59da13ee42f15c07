"""Figures of the record as pictures."""

from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe

from core.drawing.calibration import Bin, calibration_curve
from core.drawing.coverage import coverage_mark
from core.drawing.over_time import Moment, skill_over_time
from core.drawing.skill import Skill, skill_interval
from predictions.evaluation.coverage import WANTED
from predictions.selectors.record_figures import CalibrationBin, SkillShown
from predictions.selectors.record_over_time import MonthShown

LEAST_REACH = 0.02
MOST_REACH = 0.10
"""The skill axis follows the record within what can be read: beyond 6 % look for a leak first."""
NOTHING = SafeString("")


def known_skill(shown: SkillShown) -> Skill | None:
    value, low, high = shown["value"], shown["low"], shown["high"]
    return None if value is None or low is None or high is None else Skill(value, low, high)


def reach_of(shown: Iterable[SkillShown]) -> float:
    ends = [end for one in shown if (skill := known_skill(one)) for end in map(abs, skill)]
    return min(max([LEAST_REACH, *(end * 1.1 for end in ends)]), MOST_REACH)


def drawn_skill(shown: SkillShown, reach: float, title: str) -> SafeString:
    skill = known_skill(shown)
    return _drawn(skill_interval(skill, reach=reach, title=title)) if skill else NOTHING


def curve_drawn(bins: Iterable[CalibrationBin], title: str) -> SafeString:
    points = [Bin(one["mean_probability"], one["observed"], one["n"]) for one in bins]
    return _drawn(calibration_curve(points, title=title))


def coverage_drawn(share: float | None, title: str) -> SafeString:
    return NOTHING if share is None else _drawn(coverage_mark(share, wanted=WANTED, title=title))


def months_drawn(months: list[MonthShown], title: str) -> SafeString:
    reach = reach_of(month[which] for month in months for which in ("skill_so_far", "skill_newest"))
    moments = [
        Moment(month["month"], known_skill(month["skill_so_far"]), known_skill(month["skill_newest"]))
        for month in months
    ]
    return _drawn(skill_over_time(moments, reach=reach, title=title))


def _drawn(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308  # core.drawing escapes every text and attribute
