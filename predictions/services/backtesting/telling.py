"""What a back-test leaves: the file of forecasts, the file of silences, a table, and a page if it is wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from predictions.engines.pool import NAMES
from predictions.features.frame import History
from predictions.horizons import by_name
from predictions.report.page import Section, write
from predictions.report.tables import summary_table
from predictions.services.backtesting.judging import Judged, judged
from predictions.services.backtesting.markets import Market
from predictions.services.backtesting.output import (
    COLUMNS,
    SILENT_COLUMNS,
    silent_path,
    whole_file,
    write_forecasts,
    write_silences,
)
from predictions.services.backtesting.page import section_of, span_words
from predictions.services.backtesting.parts import BASELINE, Said
from predictions.services.backtesting.plan import Plan
from predictions.services.backtesting.ranges import Voice, voice
from predictions.services.walking import scores_shown

ENGINES = (*NAMES, BASELINE)


@dataclass(frozen=True)
class Told:
    """A table for the terminal, and lines about the files and what deserves a look."""

    table: str
    lines: tuple[str, ...]


def tell(
    plan: Plan,
    history: History,
    said: Callable[[str], Sequence[Said]],
    engines: Sequence[str],
    out: Path,
    report: Path | None = None,
) -> Told:
    """`said` gives what the parts of a timeframe have said; one timeframe at a time is kept in memory."""
    tokens = Market.of(history, plan).names()
    results: list[dict[str, Any]] = []
    lines: list[str] = []
    sections: list[Section] = []
    rows = silences = 0
    with whole_file(out, COLUMNS) as file, whole_file(silent_path(out), SILENT_COLUMNS) as silent:
        for name in plan.timeframes:
            parts = said(name)
            voices = _voices(parts, name, engines, len(tokens))
            rows += write_forecasts(file, parts, voices, [_series(token) for token in tokens])
            silences += write_silences(silent, voices, [_series(token) for token in tokens])
            results += [row_of(one) for _, one in voices]
            lines += _remarks(name, parts, tokens)
            if report is not None:
                sections += [section_of(one, parts, tokens) for _, one in voices]
    table = summary_table(results)
    if report is not None:
        page = write(report, "Back-test", _words(plan), sections, table)
        lines.append(f"Report: {page}")
    lines += [f"{rows} forecasts: {out}", f"{silences} abstentions: {silent_path(out)}"]
    return Told(table, tuple(lines))


def row_of(one: Judged) -> dict[str, Any]:
    return {"timeframe": one.timeframe.name, "engine": one.asked, **scores_shown(one.report)}


def _words(plan: Plan) -> list[str]:
    """What was asked for, in words."""
    more = [f"Shown as if listed {plan.young} days before."] if plan.young else []
    more += ["Closes alone, without highs, lows and volume."] if plan.closes_only else []
    return [
        f"Forecasts from {span_words(plan.first, plan.end)} of {', '.join(plan.tokens)}.",
        f"Learned {plan.retrain} from {', '.join(plan.trained)}, at most {plan.rows:,} rows.",
        *more,
        f"Candles {plan.data}, code {plan.code}, definitions {plan.definitions}.",
    ]


def _voices(
    parts: Sequence[Said], name: str, engines: Sequence[str], tokens: int
) -> list[tuple[Voice, Judged]]:
    timeframe = by_name[name]
    spoken = [voice(parts, engine, timeframe, tokens) for engine in engines]
    return [(one, judged(timeframe, parts, one)) for one in spoken]


def _series(token: str) -> str:
    """Eras of one symbol (`FTT@2022-11-20`) are told apart by time; its files know the symbol alone."""
    return token.partition("@")[0]


def _remarks(name: str, parts: Sequence[Said], tokens: Sequence[str]) -> list[str]:
    unlearned = [part for part in parts if not part.trained_until and len(part)]
    spoken = np.unique(np.concatenate([part.token for part in parts])) if parts else np.empty(0)
    absent = [token for number, token in enumerate(tokens) if number not in spoken]
    lines = []
    if unlearned:
        why = unlearned[0].why
        lines.append(f"{name}: climatology speaks in {len(unlearned)} of {len(parts)} periods ({why})")
    if absent:
        bars = "quarter-hour" if name == "15m" else "hourly"
        lines.append(f"{name}: no {bars} candles of {', '.join(absent)} in that time, so no forecasts")
    return lines
