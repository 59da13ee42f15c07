"""A back-test's forecasts and silences as CSV: one row each, in order of time, figures in full."""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from predictions.horizons import CLASS_NAMES
from predictions.services.abstaining import reason_of
from predictions.services.backtesting.judging import Judged, baseline_prices
from predictions.services.backtesting.parts import BASELINE, Said
from predictions.services.backtesting.ranges import Voice

COLUMNS = (
    "token,timeframe,made_at,p_up,p_down,p_sideways,q10,q50,q90,ref_price,band,"
    "engine,asked_engine,baseline_up,baseline_down,baseline_sideways,baseline_q10,baseline_q90,"
    "range_log_factor,scale,regime,trained_until,matures_at,outcome,outcome_price,log_return,"
    "log_score,brier,baseline_log_score,baseline_brier,pinball,baseline_pinball,inside_range"
)
SILENT_COLUMNS = "token,timeframe,made_at,asked_engine,code,reason"
ROWS_AT_ONCE = 20_000
Rows = NDArray[np.int64]


def beside(out: Path, name: str) -> Path:
    """`x-NAME` for `x.csv` or `x.csv.gz`."""
    stem = out.name.removesuffix(".gz").removesuffix(".csv")
    return out.with_name(f"{stem}-{name}")


def silent_path(out: Path) -> Path:
    """Where the abstentions go."""
    return beside(out, "abstentions.csv")


@contextmanager
def whole_file(path: Path, header: str) -> Iterator[IO[str]]:
    """A file that appears when all of it is written; compressed where its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as raw:
        # No name and no time inside, so the same forecasts are the same bytes.
        packed = gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) if path.suffix == ".gz" else raw
        with TextIOWrapper(packed, encoding="utf-8", newline="") as file:
            file.write(header + "\n")
            yield file
    draft.replace(path)


def write_forecasts(
    file: IO[str], parts: Sequence[Said], voices: Sequence[tuple[Voice, Judged]], tokens: Sequence[str]
) -> int:
    """One timeframe's rows, by moment and token, engines side by side; gives how many there are."""
    until = np.repeat([part.trained_until for part in parts], [len(part) for part in parts])
    written = 0
    for start in range(0, len(until), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(until)))
        blocks = [_lines(parts, voice, one, rows[one.answered[rows]], tokens, until) for voice, one in voices]
        lines = sorted((line for block in blocks for line in block), key=lambda line: line[0])
        file.writelines(text for _, text in lines)
        written += len(lines)
    return written


def write_silences(file: IO[str], voices: Sequence[tuple[Voice, Judged]], tokens: Sequence[str]) -> int:
    """Who got no forecast when, and why."""
    written = 0
    for voice, one in voices:
        rows = np.flatnonzero(~one.answered)
        for row, made_at in zip(rows.tolist(), _times(one.as_of[rows]), strict=True):
            reason = reason_of(str(voice.reasons[row]) or "the engine gave no figures")
            cells = (tokens[one.token[row]], one.timeframe.name, made_at, one.asked, reason.code)
            file.write(",".join(cells) + f',"{reason.sentence}"\n')
        written += len(rows)
    return written


def _lines(
    parts: Sequence[Said], voice: Voice, one: Judged, rows: Rows, tokens: Sequence[str], until: Rows
) -> list[tuple[tuple[int, int], str]]:
    def of_parts(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(part, name) for part in parts])[rows]

    known, own = one.known[rows], voice.own[rows]
    reference, regime = of_parts("reference"), of_parts("regime")
    usual = baseline_prices(reference, of_parts("baseline_quantiles"))  # type: ignore[arg-type]
    trained = np.where(until[rows] > 0, _times(until[rows]), "")
    columns: list[Iterable[str]] = [
        [tokens[token] for token in one.token[rows]],
        [one.timeframe.name] * len(rows),
        _times(one.as_of[rows]),
        *(_shares(one.said[rows, side]) for side in range(3)),
        *(_figures(voice.prices[rows, level]) for level in range(3)),
        _figures(reference),
        _figures(one.band[rows]),
        np.where(own, voice.name, BASELINE),
        [voice.name] * len(rows),
        *(_shares(one.baseline[rows, side]) for side in range(3)),
        _figures(usual[:, 0]),
        _figures(usual[:, 2]),
        _figures(voice.log_factor[rows]),
        _figures(of_parts("scale")),
        regime.tolist(),
        np.where(own, trained, ""),
        _times(one.as_of[rows] + one.timeframe.seconds),
        np.where(known, np.array(CLASS_NAMES)[one.came[rows]], ""),
        _figures(np.where(known, of_parts("price"), np.nan)),
        *(
            _figures(getattr(one, name)[rows])
            for name in (
                "log_return",
                "log_score",
                "brier",
                "baseline_log_score",
                "baseline_brier",
                "pinball",
                "baseline_pinball",
            )
        ),
        np.where(known, np.where(one.inside[rows], "1", "0"), ""),
    ]
    places = zip(one.as_of[rows].tolist(), one.token[rows].tolist(), strict=True)
    return [(place, ",".join(cells) + "\n") for place, *cells in zip(places, *columns, strict=True)]


def _times(seconds: Rows) -> list[str]:
    stamps: list[str] = (
        np.datetime_as_string(seconds.astype("datetime64[s]")).tolist() if len(seconds) else []
    )
    return [f"{stamp}Z" for stamp in stamps]


def _shares(whole: Rows) -> list[str]:
    return [f"{value / 10_000:.4f}" for value in whole.tolist()]


def _figures(values: NDArray[np.generic]) -> list[str]:
    """Shortest text that gives the same figure back; nothing for NaN."""
    return ["" if value != value else repr(value) for value in values.tolist()]
