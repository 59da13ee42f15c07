"""The forecasts' skill on recorded candles, walking forward, beside the reference of `docs/forecasting.md`.

One command makes the whole table: nine tokens by the hour (July 2022 to April 2025, learned anew each half
year), the six perpetuals by the quarter hour (July 2024 to April 2025, every sixty days). `--extra` adds
tokens never trained on, young tokens, and closes alone. Parts that are finished are kept: a second start goes
on. A row is marked where its interval does not reach the reference.
"""

import argparse
import csv
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.report import keep, print_table
from predictions.evaluation import calibration, scores, skill
from predictions.evaluation.thinning import independent
from predictions.horizons import by_name

ROOF = Path(__file__).resolve().parents[1]
NINE = "ADA,BONK,BTC,DOGE,ETH,RAY,SOL,WIF,XRP"
PERPETUALS = "BTCPERP,ETHPERP,JUPPERP,PYTHPERP,SOLPERP,WIFPERP"
COARSE = "1h,4h,1d,7d,14d,30d"
CLASSES = ("up", "down", "sideways")


@dataclass(frozen=True)
class Reference:
    """Per cent; as measured in `docs/forecasting.md`."""

    skill: float
    brier: float
    pinball: float
    coverage: float
    ece: float
    slope: float
    direction: float


REFERENCE = {
    "15m": Reference(3.4, 3.6, 3.2, 80.0, 0.004, 1.00, 52.1),
    "1h": Reference(3.5, 3.8, 3.1, 80.0, 0.012, 1.05, 54.2),
    "4h": Reference(3.4, 3.7, 2.7, 80.0, 0.017, 1.12, 54.6),
    "1d": Reference(2.5, 2.8, 2.2, 79.9, 0.023, 1.22, 54.8),
    "7d": Reference(0.3, 0.4, 1.1, 80.1, 0.011, 0.5, 50),
    "14d": Reference(0.3, 0.4, 1.0, 82.0, 0.009, 0.5, 52),
    "30d": Reference(0.6, 0.7, -0.3, 82.9, 0.017, 0.9, 50),
}


@dataclass(frozen=True)
class Run:
    """One back-test: its title, and the arguments beside folders and files."""

    name: str
    title: str
    arguments: tuple[str, ...]


def runs(extra: bool) -> list[Run]:
    hours = ("--from", "2022-07-01", "--to", "2025-04-30", "--retrain", "half-yearly")
    quarters = ("--from", "2024-07-01", "--to", "2025-04-30", "--retrain", "60d")
    found = [
        Run("quarters", "six perpetuals", ("--timeframes", "15m", "--tokens", PERPETUALS, *quarters)),
        Run("hours", "nine tokens", ("--timeframes", COARSE, "--tokens", NINE, *hours)),
    ]
    if extra:
        some = ("--timeframes", "1h,1d", *hours)
        found += [
            Run("unseen", "never trained on", (*some, "--hold-out", "SOL,WIF,BONK")),
            Run("young", "listed 60 days before", (*some, "--tokens", "SOL,WIF,BONK", "--young", "60")),
            Run("closes", "closes only", (*some, "--tokens", NINE, "--closes-only")),
        ]
    return found


def main(given: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--candles", type=Path, action="append", required=True, help="May be repeated.")
    parser.add_argument("--out", type=Path, default=ROOF / "var" / "walk_forward", help="Files and parts.")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rows", type=int, default=150_000, help="Learned from at most, as training does.")
    parser.add_argument("--extra", action="store_true", help="Unseen and young tokens, and closes alone.")
    parser.add_argument("--report", action="store_true", help="Also a page with plots for each run.")
    options = parser.parse_args(given)
    rows: list[tuple[str, ...]] = []
    for run in runs(options.extra):
        file = _forecasts(run, options)
        rows += table(file, run.title)
        print_table("Walk-forward; behind each figure the reference's", HEADS, rows)
    keep("walk_forward", [dict(zip(HEADS, row, strict=True)) for row in rows])


def _forecasts(run: Run, options: argparse.Namespace) -> Path:
    file: Path = options.out / f"{run.name}.csv"
    folders = [word for folder in options.candles for word in ("--candles", str(folder))]
    more = ["--report", str(options.out / run.name)] if options.report else []
    command = [sys.executable, str(ROOF / "manage.py"), "backtest", *folders, *run.arguments, *more]
    subprocess.run(
        [*command, "--rows", str(options.rows), "--jobs", str(options.jobs), "--out", str(file)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=ROOF,
    )
    return file


HEADS = (
    "timeframe",
    "of",
    "n",
    "indep.",
    "skill % [95 %]",
    "Brier %",
    "pinball %",
    "inside %",
    "ECE",
    "slope",
    "up/down %",
)


def table(file: Path, title: str) -> Iterator[tuple[str, ...]]:
    """One line a timeframe, from the file alone: as anybody else would score it."""
    columns = read(file)
    for name in dict.fromkeys(columns["timeframe"].tolist()):
        yield _line(
            name, title, {key: values[columns["timeframe"] == name] for key, values in columns.items()}
        )


def read(file: Path) -> dict[str, np.ndarray]:
    """Scored rows alone; void ones have no outcome."""
    with file.open(newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["outcome"]]
    return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else ())}


def _line(name: str, title: str, columns: dict[str, np.ndarray]) -> tuple[str, ...]:
    timeframe, then = by_name[name], REFERENCE[name]
    as_of = np.char.rstrip(columns["made_at"], "Z").astype("datetime64[s]").astype(np.int64)
    said = np.column_stack([columns[f"p_{one}"].astype(float) for one in CLASSES])
    base = np.column_stack([columns[f"baseline_{one}"].astype(float) for one in CLASSES])
    came = np.array([CLASSES.index(one) for one in columns["outcome"]])
    blocks = skill.blocks_of(timeframe, as_of)
    ours, theirs = scores.log_score(said, came), scores.log_score(base, came)
    found = skill.skill(ours, theirs, blocks)
    ways = scores.direction(said, came)
    curve = calibration.favoured(said, came)
    wide = (columns["pinball"].astype(float), columns["baseline_pinball"].astype(float))
    return (
        name,
        title,
        f"{len(as_of)}",
        f"{independent(timeframe, as_of):.0f}",
        f"{_interval(found)} · {then.skill:+.1f}{_verdict(found, then)}",
        f"{100 * (skill.point(scores.brier(said, came), scores.brier(base, came)) or 0):+.2f} · {then.brier:+.1f}",
        f"{100 * (skill.point(*wide) or 0):+.2f} · {then.pinball:+.1f}",
        f"{100 * (columns['inside_range'] == '1').mean():.1f} · {then.coverage:.1f}",
        f"{curve.ece or 0:.3f} · {then.ece:.3f}",
        f"{curve.slope or 0:.2f} · {then.slope:.2f}",
        f"{100 * np.nanmean(ways):.1f} · {then.direction:.1f}",
    )


def _interval(found: skill.Skill | None) -> str:
    if found is None:
        return "too early to say"
    return f"{100 * found.value:+.2f} [{100 * found.low:+.2f}, {100 * found.high:+.2f}]"


def _verdict(found: skill.Skill | None, then: Reference) -> str:
    if found is None:
        return ""
    return " ✓" if 100 * found.value >= then.skill else " ≈" if 100 * found.high >= then.skill else " ✗"


if __name__ == "__main__":
    main()
