"""What opening the overview costs: queries and milliseconds of `GET /` with few and with many tokens.

    .venv/bin/python -m benchmarks.overview_queries [--tokens 75 250] [--visits 15] [--sqlite]

Goal: at most 12 queries, the same number whatever the number of tokens.
"""

import argparse
import time
from collections.abc import Sequence
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from benchmarks.report import keep, print_table, spread
from benchmarks.scratch import Scratch

Figures = dict[str, list[float]]


def make_world(tokens: int) -> None:
    """Every token with a quote, a week of hours for its line, and a forecast."""
    from benchmarks.world import analyse, make_candles, make_quotes, make_tokens
    from core.lib.clock import floor_to, market_now
    from predictions.services.forecasting import make_forecasts
    from predictions.services.tallying import keep_tallies

    now = market_now()
    as_of = floor_to(now, 900)
    followed = make_tokens(tokens)
    make_candles(followed, floor_to(now, 3600), days=40, quarter_days=6)
    make_quotes(followed, now)
    keep_tallies(now)
    made = make_forecasts(floor_to(as_of, 3600), floor_to(as_of, 3600) + timedelta(seconds=30), ["1h"])
    assert made[0].forecasts == tokens, made[0].abstentions
    analyse()


def visits(path: str, count: int) -> Figures:
    """Queries of one visit and milliseconds of each, the first left out: it compiles the templates."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    times = []
    for _ in range(count + 1):
        began = time.perf_counter()
        reply = client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        assert reply.status_code == 200, reply.status_code
    with CaptureQueriesContext(connection) as captured:
        size = len(client.get(path).content)
    in_database = [float(query["time"]) * 1000 for query in captured.captured_queries]
    return {
        "queries": [len(captured)],
        "in the database": [sum(in_database)],
        "milliseconds": times[1:],
        "kilobytes": [size / 1000],
    }


def measured(tokens: int, count: int, embedded: bool) -> Figures:
    with Scratch(embedded=embedded):
        from django.conf import settings

        # Hashed names need a collected folder, which is not what is measured.
        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        Path(settings.STATIC_ROOT).mkdir()
        make_world(tokens)
        return visits("/", count)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, nargs="+", default=[75, 250])
    parser.add_argument("--visits", type=int, default=15)
    parser.add_argument("--sqlite", action="store_true", help="the embedded form")
    options = parser.parse_args()
    worlds = {tokens: in_child(tokens, options.visits, options.sqlite) for tokens in options.tokens}
    names = list(worlds[options.tokens[0]])
    rows: Sequence[Sequence[str]] = [
        (name, *(spread(world[name], 0 if name == "queries" else 1) for world in worlds.values()))
        for name in names
    ]
    print_table("Opening the overview", ("what", *(f"{tokens} tokens" for tokens in worlds)), rows)
    keep("overview_queries", {str(tokens): world for tokens, world in worlds.items()})
    counts = {median(world["queries"]) for world in worlds.values()}
    print(
        f"\n  {'reached' if len(counts) == 1 and max(counts) <= 12 else 'MISSED'}: at most 12 queries, the same for all"
    )


def in_child(tokens: int, count: int, embedded: bool) -> Figures:
    """Settings are read once a process, so each world has one of its own."""
    with get_context("spawn").Pool(1) as child:
        return child.apply(measured, (tokens, count, embedded))


if __name__ == "__main__":
    main()
