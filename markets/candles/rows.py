"""Reads one candle file row by row: rows that cannot be right are dropped and told, the rest is put in order.

A file in which hardly a row can be read is no candle file, and is refused with its line.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from markets.candles.findings import Finding
from markets.candles.folder import COLUMNS, STAMP, MalformedCandles, file_lines
from markets.candles.series import CandleSeries, Figures, Seconds

LEAST_READABLE = 0.5
TOO_LATE = int(np.datetime64("2100-01-01", "s").astype(np.int64))
"""A slip of the pen in a year, such as 9999, would stretch the grid of hours until no memory holds it."""
DROPPED = "the row was dropped"
_FIGURE = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER = re.compile(rf"{_FIGURE}|[+-]?(?:inf|nan)", re.IGNORECASE)
_WHOLE_ROW = re.compile(rf"{STAMP.pattern}Z?(?:,{_FIGURE}){{5}}")


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one file, ascending, no opening time twice. An empty cell other than the close's is NaN."""

    series: CandleSeries
    findings: list[Finding]


def read_rows(path: Path, interval: int) -> Rows:
    """Everything that can be used of one file. Raises MalformedCandles where it is no candle file at all."""
    lines = file_lines(path)
    if not lines or lines[0] != COLUMNS:
        raise MalformedCandles(path, 1, f"the first line must be {COLUMNS}")
    findings: list[Finding] = []
    numbers, times, figures = _parsed(path, lines[1:], findings)
    for where, kind, sentence in _impossible(times, figures, interval):
        findings += [
            Finding(kind, str(path), sentence, DROPPED, int(line), _close_of(time, interval))
            for line, time in zip(numbers[where], times[where], strict=True)
        ]
        numbers, times, figures = numbers[~where], times[~where], figures[~where]
    numbers, times, figures = _sorted(path, interval, numbers, times, figures, findings)
    times, figures = _once(str(path), interval, numbers, times, figures, findings)
    return Rows(CandleSeries(times, *(np.ascontiguousarray(column) for column in figures.T)), findings)


def joined(where: str, interval: int, runs: list[CandleSeries], findings: list[Finding]) -> CandleSeries:
    """Several runs of one series as one: what they say alike is kept once, where they differ nothing is."""
    if len(runs) == 1:
        return runs[0]
    times = np.concatenate([run.open_times for run in runs])
    figures = np.concatenate([_table(run) for run in runs])
    order = np.argsort(times, kind="stable")
    found: list[Finding] = []
    times, figures = _once(where, interval, None, times[order], figures[order], found)
    findings += [finding for finding in found if finding.kind == "conflicting"]  # folders may overlap
    return CandleSeries(times, *(np.ascontiguousarray(column) for column in figures.T))


def _table(run: CandleSeries) -> Figures:
    return np.stack([run.open, run.high, run.low, run.close, run.volume], axis=1)


def _close_of(time: np.int64, interval: int) -> int:
    return int(time) + interval


def _parsed(path: Path, rows: list[str], findings: list[Finding]) -> tuple[Seconds, Seconds, Figures]:
    """Line numbers, opening times and figures of the rows that can be read."""
    if rows and all(
        map(_WHOLE_ROW.fullmatch, rows)
    ):  # nearly always; NumPy then reads them twenty times faster
        try:
            pairs = [row.split(",", 1) for row in rows]
            times = np.array([stamp.removesuffix("Z") for stamp, _ in pairs], dtype="datetime64[s]")
            figures = np.loadtxt([cells for _, cells in pairs], delimiter=",", comments=None, ndmin=2)
            return np.arange(2, len(rows) + 2), times.astype(np.int64), figures
        except ValueError:  # a day that does not exist: which row it is, the slow way tells
            pass
    numbers, stamps, cells = [], [], []
    unreadable: list[Finding] = []
    for line, row in enumerate(rows, start=2):
        stamp, *parts = row.split(",")
        if reason := _unreadable(stamp, parts):
            unreadable.append(Finding("unreadable", str(path), reason, DROPPED, line))
        else:
            numbers.append(line)
            stamps.append(stamp.removesuffix("Z"))
            cells.append(parts)
    if unreadable and len(numbers) < LEAST_READABLE * len(rows):
        first = unreadable[0]
        raise MalformedCandles(
            path, first.line or 1, f"{first.sentence}, and most other rows cannot be read either"
        )
    findings += unreadable
    times = np.array(stamps, dtype="datetime64[s]").astype(np.int64)
    figures = np.array([[float(cell) if cell else np.nan for cell in parts] for parts in cells], np.float64)
    return np.array(numbers, np.int64), times, figures.reshape(len(numbers), 5)


def _unreadable(stamp: str, cells: list[str]) -> str:
    if not STAMP.fullmatch(stamp.removesuffix("Z")):
        return f"{stamp[:40]!r} is no time in UTC"
    try:
        np.datetime64(stamp.removesuffix("Z"), "s")
    except ValueError:
        return f"{stamp[:40]!r} is no time that exists"
    if len(cells) != 5:
        return f"6 columns are needed, {len(cells) + 1} found"
    for place, cell in enumerate(cells):
        if not _NUMBER.fullmatch(cell) and (cell or place == 3):
            return f"{cell[:40]!r} is no number"
    return ""


def _impossible(times: Seconds, figures: Figures, interval: int) -> list[tuple[NDArray[np.bool_], str, str]]:
    """Masks of rows that no market made, each told for its first reason; later masks fit what is left."""
    with np.errstate(invalid="ignore"):
        price, volume = figures[:, :4], figures[:, 4]
        empty = np.isnan(figures)
        checks = [
            ("not finite", "a figure is not finite", np.isinf(figures).any(axis=1) | empty[:, 3]),
            ("not positive", "a price is not above zero", (price <= 0).any(axis=1)),
            ("negative volume", "the volume is below zero", volume < 0),
            ("impossible", "high and low do not enclose open and close", _unenclosed(price)),
            ("off the grid", f"the time is not on the grid of {interval} s", times % interval != 0),
            ("far away", "the time is not within 1970 to 2099", (times < 0) | (times >= TOO_LATE)),
        ]
    found, left = [], np.ones(len(times), np.bool_)
    for kind, sentence, wrong in checks:
        if wrong[left].any():
            found.append((wrong[left], kind, sentence))
            left &= ~wrong
    return found


def _unenclosed(price: Figures) -> NDArray[np.bool_]:
    body = price[:, [0, 3]]
    wrong: NDArray[np.bool_] = (price[:, 1] < np.fmax.reduce(body, axis=1)) | (
        price[:, 2] > np.fmin.reduce(body, axis=1)
    )
    return wrong


def _sorted(
    path: Path, interval: int, numbers: Seconds, times: Seconds, figures: Figures, findings: list[Finding]
) -> tuple[Seconds, Seconds, Figures]:
    if len(times) < 2:
        return numbers, times, figures
    for place in np.flatnonzero(times < np.maximum.accumulate(times)):
        findings.append(
            Finding(
                "unordered",
                str(path),
                "the row is earlier than one before it",
                "the rows were sorted",
                int(numbers[place]),
                _close_of(times[place], interval),
            )
        )
    order = np.argsort(times, kind="stable")
    return numbers[order], times[order], figures[order]


def _once(
    where: str,
    interval: int,
    numbers: Seconds | None,
    times: Seconds,
    figures: Figures,
    findings: list[Finding],
) -> tuple[Seconds, Figures]:
    """Each time once: rows that say the same are one, rows that contradict each other are all dropped."""
    fresh = np.r_[True, times[1:] != times[:-1]] if len(times) else np.empty(0, np.bool_)
    if fresh.all():
        return times, figures
    alike = np.r_[True, ((figures[1:] == figures[:-1]) | np.isnan(figures[1:] + figures[:-1])).all(axis=1)]
    group = np.cumsum(fresh) - 1
    contradicted = np.zeros(group[-1] + 1, np.bool_)
    contradicted[group[~fresh & ~alike]] = True
    keep = fresh & ~contradicted[group]
    size = Counter(group.tolist())
    for place in np.flatnonzero(~fresh):
        is_conflict = bool(contradicted[group[place]])
        findings.append(
            Finding(
                "conflicting" if is_conflict else "duplicate",
                where,
                f"{size[int(group[place])]} rows for one time "
                + ("contradict each other" if is_conflict else "are identical"),
                "none was kept, the candle is missing" if is_conflict else "one was kept",
                None if numbers is None else int(numbers[place]),
                _close_of(times[place], interval),
            )
        )
    return times[keep], figures[keep]
