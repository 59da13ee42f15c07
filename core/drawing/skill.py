"""A skill with its interval on a line around zero: right of zero the baseline is beaten."""

from typing import NamedTuple

from core.drawing.svg import figure, tag

_MARGIN = 8.0


class Skill(NamedTuple):
    """Shares: 0.034 is 3.4 % better than the baseline."""

    value: float
    low: float
    high: float


def skill_interval(skill: Skill, *, reach: float, title: str, width: float = 200, height: float = 24) -> str:
    """The interval on an axis from −`reach` to +`reach`; what lies beyond is cut and marked by an arrow."""
    middle = height / 2

    def x(value: float) -> float:
        inside = min(max(value / (reach or 1.0), -1.0), 1.0)
        return width / 2 + inside * (width / 2 - _MARGIN)

    verdict = verdict_of(skill)
    parts = [
        tag("line", css="skill-axis", x1=_MARGIN, x2=width - _MARGIN, y1=middle, y2=middle),
        tag("line", css="skill-zero", x1=width / 2, x2=width / 2, y1=2, y2=height - 2),
        tag("line", css="skill-range", x1=x(skill.low), x2=x(skill.high), y1=middle, y2=middle),
        *(_end(x(edge), middle, cut=abs(edge) > reach, right=edge > 0) for edge in (skill.low, skill.high)),
        tag("circle", css="skill-value", cx=x(skill.value), cy=middle, r=4.5),
    ]
    told = f"Skill {skill.value:+.1%}, 95 % interval {skill.low:+.1%} to {skill.high:+.1%}."
    return figure((width, height), parts, css=f"skill skill--{verdict}", title=title, description=told)


def verdict_of(skill: Skill) -> str:
    """Only an interval that leaves zero out says anything."""
    return "better" if skill.low > 0 else "worse" if skill.high < 0 else "level"


def _end(x: float, middle: float, *, cut: bool, right: bool) -> str:
    if not cut:
        return tag("line", css="skill-end", x1=x, x2=x, y1=middle - 5, y2=middle + 5)
    tip = 5.0 if right else -5.0
    points = f"{x},{middle - 5} {x + tip},{middle} {x},{middle + 5}"
    return tag("polygon", css="skill-cut", points=points)
