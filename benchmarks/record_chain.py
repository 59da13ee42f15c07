"""What sealing the record costs: the share of a run, the room that stored inputs take, and how fast a check reads.

    .venv/bin/python -m benchmarks.record_chain [--tokens 250] [--hours 6] [--sqlite]

Runs of all seven timeframes at successive full hours up to midnight, of which each makes every engine speak that there
is; then the whole record is verified, and some of it replayed. A year has 35,040 quarter hours: at three of four only
the short timeframes are due, and one inputs row is kept at each.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import mean, median
from typing import Any

from benchmarks.forecast_run import last_midnight, make_world
from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import Scratch, one_core

QUARTERS_A_YEAR = 35_040
SHORT = ("15m", "1h", "4h")


@contextmanager
def watched(owner: Any, name: str, spent: list[float]) -> Iterator[None]:
    """Time that goes into a function, call by call."""
    real: Callable[..., Any] = getattr(owner, name)

    def timed(*args: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return real(*args, **named)
        finally:
            spent.append(time.perf_counter() - began)

    setattr(owner, name, timed)
    try:
        yield
    finally:
        setattr(owner, name, real)


def measure_runs(hours: int) -> list[dict[str, float]]:
    from predictions.horizons import TIMEFRAMES
    from predictions.models import Forecast
    from predictions.services import chain, forecasting
    from predictions.services.inputs import Seen

    found = []
    everything = [timeframe.name for timeframe in TIMEFRAMES]
    for back in range(hours, -1, -1):
        as_of = last_midnight() - timedelta(hours=back)
        sealing: list[float] = []
        keeping: list[float] = []
        before = Forecast.objects.count()
        began = time.perf_counter()
        with watched(chain, "link_forecasts", sealing), watched(Seen, "keep_for", keeping):
            forecasting.make_forecasts(as_of, as_of + timedelta(seconds=30), everything)
        seconds = time.perf_counter() - began
        rows = Forecast.objects.count() - before
        found.append({"seconds": seconds, "sealing": sum(sealing), "keeping": sum(keeping), "rows": rows})
    return found[1:]  # the first one imports and connects


def measure_inputs() -> dict[str, float]:
    """Bytes of a moment: with all timeframes, and with the short ones at a quarter hour."""
    from predictions.models import MomentInputs
    from predictions.services import forecasting

    whole = [len(bytes(data)) for data in MomentInputs.objects.values_list("data", flat=True)]
    quarter = last_midnight() - timedelta(minutes=15)
    forecasting.make_forecasts(quarter, quarter + timedelta(seconds=30), SHORT)
    (short,) = (len(bytes(one.data)) for one in MomentInputs.objects.filter(as_of=quarter))
    return {"whole": mean(whole), "short": float(short)}


def measure_checks() -> dict[str, float]:
    from predictions.models import Forecast
    from predictions.services.replaying import compare
    from predictions.services.verifying import verify_record

    began = time.perf_counter()
    verdict = verify_record()
    verified = time.perf_counter() - began
    assert verdict.intact, verdict.faults
    one = Forecast.objects.select_related("inputs", "engine_version", "token").last()
    began = time.perf_counter()
    assert one is not None
    assert all(compared.same for compared in compare(one))
    return {"rows": verdict.forecasts, "seconds": verified, "replay": time.perf_counter() - began}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=250)
    parser.add_argument("--hours", type=int, default=6)
    parser.add_argument("--sqlite", action="store_true", help="the embedded form")
    options: Any = parser.parse_args()
    with Scratch(embedded=options.sqlite):
        make_world(options.tokens, 100)
        with one_core():
            runs = measure_runs(options.hours)
            inputs, checks = measure_inputs(), measure_checks()
    share = [100 * (run["sealing"] + run["keeping"]) / run["seconds"] for run in runs]
    a_year = QUARTERS_A_YEAR * (inputs["whole"] / 4 + inputs["short"] * 3 / 4)
    rows = [
        ("rows a run", spread([run["rows"] for run in runs], 0)),
        ("seconds a run", spread([run["seconds"] for run in runs])),
        ("… of them sealing", spread([run["sealing"] for run in runs])),
        ("… and keeping inputs", spread([run["keeping"] for run in runs])),
        ("both, % of the run", spread(share)),
        ("inputs of a moment, all timeframes, kB", f"{inputs['whole'] / 1000:,.1f}"),
        ("inputs of a quarter hour, kB", f"{inputs['short'] / 1000:,.1f}"),
        ("inputs of a year, GB (no moment larger than a full hour's)", f"{a_year / 1e9:,.2f}"),
        ("verified, rows a second", f"{checks['rows'] / checks['seconds']:,.0f}"),
        ("one replay, ms", f"{checks['replay'] * 1000:,.0f}"),
    ]
    form = "SQLite" if options.sqlite else "PostgreSQL"
    print_table(f"{options.tokens} tokens, {form}", ("what", "median (range)"), rows)
    keep(
        "record_chain",
        {**vars(options), "runs": runs, "inputs": inputs, "checks": checks, "share": median(share)},
    )


if __name__ == "__main__":
    main()
