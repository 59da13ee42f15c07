"""What two servers' loads say of each other: ratios within each repeat, which outlast a busy machine."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.load import Load
from benchmarks.report import print_table, spread

Loads = dict[str, list[Load]]
"""By name of the case, one load a repeat."""


class Ratio(NamedTuple):
    what: str
    goal: str
    """As people write it; empty where there is none."""
    of: Callable[[dict[str, Load]], float]
    reached: Callable[[float], bool]


def show_ratios(title: str, ratios: Sequence[Ratio], loads: Loads) -> dict[str, float]:
    """Prints them and returns each one's median."""
    found, lines = {}, []
    for ratio in ratios:
        each = [
            ratio.of(dict(zip(loads, repeat, strict=True))) for repeat in zip(*loads.values(), strict=True)
        ]
        found[ratio.what] = median(each)
        verdict = "reached" if ratio.reached(median(each)) else "MISSED"
        lines.append((ratio.what, spread(each), ratio.goal, verdict if ratio.goal else ""))
    print_table(title, ("ratio", "median (range)", "goal", ""), lines)
    return found
