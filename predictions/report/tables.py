"""A back-test's scores as a table for people."""

from collections.abc import Mapping, Sequence
from typing import Any

_COLUMNS = (
    ("timeframe", 9),
    ("engine", 12),
    ("n", 8),
    ("indep.", 7),
    ("log score", 9),
    ("skill % [95 %]", 20),
    ("Brier skill %", 13),
    ("pinball skill %", 15),
    ("in range %", 10),
    ("ECE", 6),
    ("slope", 6),
    ("up/down %", 9),
)


def summary_table(results: Sequence[Mapping[str, Any]]) -> str:
    """One line for each timeframe and engine; – where there is nothing to say, or where it is too early."""
    header = "  ".join(name.rjust(width) for name, width in _COLUMNS)
    lines = [
        "  ".join(cell.rjust(width) for cell, (_, width) in zip(_cells(one), _COLUMNS, strict=True))
        for one in results
    ]
    return "\n".join([header, "-" * len(header), *lines])


def _cells(one: Mapping[str, Any]) -> list[str]:
    return [
        one["timeframe"],
        one["engine"],
        str(one["n"]),
        f"{one['independent_n']:.0f}",
        _figure(one["log_score"], ".4f"),
        _skill(one["skill"]),
        _percent(one["brier_skill"] and one["brier_skill"]["value"], "+.2f"),
        _percent(one["pinball_skill"] and one["pinball_skill"]["value"], "+.2f"),
        _percent(one["coverage_80"], ".1f"),
        _figure(one["ece"], ".3f"),
        _figure(one["calibration_slope"], ".2f"),
        _percent(one["direction_accuracy"], ".1f"),
    ]


def _skill(found: Mapping[str, float] | None) -> str:
    if not found:
        return "too early to say"
    return f"{100 * found['value']:+.2f} [{100 * found['low']:+.2f}, {100 * found['high']:+.2f}]"


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _percent(value: float | None, form: str) -> str:
    return "–" if value is None else format(100 * value, form)
