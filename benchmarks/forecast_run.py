"""What a forecast run costs: all followed tokens, all seven timeframes, on one core.

    .venv/bin/python -m benchmarks.forecast_run [--tokens 250] [--days 100] [--runs 5] [--trained] [--sqlite]
    .venv/bin/python -m benchmarks.forecast_run --growth       # 100 against 700 days, 5 against 50 tokens

Runs are at successive hours of one day; the first of a day also adds up the baseline's year. The database works on
another core. The engines that come with the project forecast, champions and challengers; with `--trained` others are
trained first on the made candles. Goals: 250 tokens × 7 under 10 s with all engines; the cost per token does not grow
with stored history (ratio about 1); from 5 to 50 tokens at most 1.3 times the time for prediction.
"""

import argparse
import time
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import Scratch, one_core

Figures = dict[str, float]


def last_midnight() -> datetime:
    from core.lib.clock import market_now

    return market_now().replace(hour=0, minute=0, second=0, microsecond=0)


def make_world(tokens: int, days: int) -> Figures:
    """Tokens with history and their class counts; gives what that took."""
    from benchmarks.world import analyse, make_candles, make_tokens
    from predictions.services.tallying import keep_tallies

    began = time.perf_counter()
    made = make_candles(make_tokens(tokens), last_midnight(), days=days, quarter_days=15)
    stored = time.perf_counter()
    keep_tallies(last_midnight() + timedelta(minutes=1))
    tallied = time.perf_counter()
    analyse()
    return {"candles": made, "storing": stored - began, "tallying": tallied - stored}


def one_run(as_of: datetime) -> Figures:
    """Seconds of one run of all timeframes, and how many forecasts were published."""
    from predictions.horizons import TIMEFRAMES
    from predictions.services.forecasting import make_forecasts

    began, busy = time.perf_counter(), time.process_time()
    runs = make_forecasts(as_of, as_of + timedelta(seconds=30), [timeframe.name for timeframe in TIMEFRAMES])
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - busy,
        "published": sum(run.forecasts for run in runs),
    }


def runs_of_a_day(runs: int) -> list[Figures]:
    """The first one is the day's first."""
    one_run(last_midnight() - timedelta(days=1))  # imports and connects
    with one_core():
        return [one_run(last_midnight() - timedelta(hours=back)) for back in range(1, runs + 2)]


def prediction_only(tokens: int) -> float:
    """Median seconds of the engines' own work for all timeframes: no reading, no writing."""
    from markets.models import Token
    from predictions.horizons import TIMEFRAMES
    from predictions.services.engines import load_engine
    from predictions.services.moments import read_moment
    from predictions.services.publishers import known_versions, versions_of

    followed = list(Token.objects.active().by_rank()[:tokens])
    moment = read_moment(followed, last_midnight())
    batches = [moment.batch(timeframe) for timeframe in TIMEFRAMES]
    versions = known_versions(last_midnight())
    asked = [
        (load_engine(version), batch)
        for batch in batches
        for version in versions_of(versions, batch.timeframe.name)
    ]
    times = []
    with one_core():
        for _ in range(10):
            began = time.perf_counter()
            for engine, batch in asked:
                engine.forecast(batch)
            times.append(time.perf_counter() - began)
    return median(times)


def trained() -> float:
    from predictions.services.training import train

    began = time.perf_counter()
    made = train(None, last_midnight())
    print(f"  trained {', '.join(version.timeframe for version in made) or 'nothing'}")
    return time.perf_counter() - began


def measure_run(options: argparse.Namespace) -> None:
    with Scratch(embedded=options.sqlite):
        world = make_world(options.tokens, options.days)
        if options.trained:
            world["training"] = trained()
        first, *runs = runs_of_a_day(options.runs)
    rows: list[tuple[str, str]] = [(name, f"{value:,.1f}") for name, value in world.items()]
    rows += [("first run of a day", f"{first['seconds']:.2f}")]
    rows += [(name, spread([run[name] for run in runs])) for name in ("seconds", "cpu")]
    rows += [("forecasts published", spread([run["published"] for run in runs], 0))]
    rows += [("milliseconds a forecast", spread([run["seconds"] / run["published"] * 1000 for run in runs]))]
    form = "SQLite" if options.sqlite else "PostgreSQL"
    title = f"{options.tokens} tokens × 7 timeframes, {options.days} days of history, {form}, seconds"
    print_table(title, ("what", "median (range)"), rows)
    keep("forecast_run", {**vars(options), "world": world, "first": first, "runs": runs})


def measure_growth(options: argparse.Namespace) -> None:
    """A scratch database for each world, one after the other, each in a process of its own: settings are read once."""
    per_token: dict[tuple[int, int], list[float]] = {}
    for days in (100, 700):
        per_token[50, days] = in_child(50, days, options)
    per_token[5, 100] = in_child(5, 100, options)
    rows = [
        (f"{n} tokens, {days} days", spread([t * 1000 for t in times]))
        for (n, days), times in per_token.items()
    ]
    history = median(per_token[50, 700]) / median(per_token[50, 100])
    tokens = 10 * median(per_token[50, 100]) / median(per_token[5, 100])
    rows += [("700 ÷ 100 days", f"{history:.2f}"), ("50 ÷ 5 tokens, whole run", f"{tokens:.2f}")]
    with Scratch():
        make_world(50, 100)
        few, many = prediction_only(5), prediction_only(50)
    rows += [("50 ÷ 5 tokens, prediction alone", f"{many / few:.2f}")]
    print_table("A run's milliseconds for each token", ("world", "median (range)"), rows)
    shown = {f"{n} tokens {days} days": times for (n, days), times in per_token.items()}
    keep(
        "forecast_growth",
        {"per_token": shown, "history": history, "tokens": tokens, "prediction": many / few},
    )


def in_child(tokens: int, days: int, options: argparse.Namespace) -> list[float]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        return child.submit(_seconds_a_token, tokens, days, options.runs).result()


def _seconds_a_token(tokens: int, days: int, runs: int) -> list[float]:
    with Scratch():
        make_world(tokens, days)
        return [run["seconds"] / tokens for run in runs_of_a_day(runs)[1:]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=250)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--trained", action="store_true", help="train on the made candles first (takes minutes)"
    )
    parser.add_argument(
        "--growth", action="store_true", help="how the cost grows with history and with tokens"
    )
    parser.add_argument("--sqlite", action="store_true", help="the embedded form")
    options: Any = parser.parse_args()
    (measure_growth if options.growth else measure_run)(options)


if __name__ == "__main__":
    main()
