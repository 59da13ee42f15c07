"""What looking at a long record costs: queries and milliseconds of its pages over a million outcomes.

    .venv/bin/python -m benchmarks.track_record [--outcomes 1000000] [--sqlite]

`first`: nothing has been added up yet. `again`: nothing new. `new outcome`: one more has matured since.
Goal: a page within 500 ms after a new outcome, whatever the record holds.
"""

import argparse
import time
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.report import keep, print_table
from benchmarks.scratch import Scratch

Figures = dict[str, dict[str, float]]
TOKENS, TIMEFRAMES, DAYS = 9, ("1h", "4h"), 28
PAGES = (
    "/track-record",
    "/track-record?timeframe=1h",
    "/track-record?timeframe=1h&token=t0",
    "/forecasts",
    "/forecasts?timeframe=1h&order=worst",
    "/forecasts?order=worst",
    "/api/v1/predictions/track-record",
)


def make_world(outcomes: int) -> int:
    from core.lib.clock import floor_to, market_now
    from predictions.models import EngineVersion, Forecast, Outcome
    from tests.make.long_record import a_long_record
    from tests.make.markets import a_token

    EngineVersion.objects.filter(role="champion").update(role="challenger")  # those that ship
    until = floor_to(market_now(), 3600)
    tokens = [a_token(f"T{number}", f"t{number}") for number in range(TOKENS)]
    made = sum(a_long_record(tokens, until, timeframe=name, days=DAYS, every_hours=1) for name in TIMEFRAMES)
    copies = max(outcomes // made - 1, 0)
    for copy in range(1, copies + 1):
        shift_copy(Forecast, "id", copy * made, copy * DAYS, made)
        shift_copy(Outcome, "forecast_id", copy * made, copy * DAYS, made)
    return made * (copies + 1)


def shift_copy(model: Any, key: str, by: int, days: int, first: int) -> None:
    """The first rows once more, so many days earlier: the database copies faster than Python makes."""
    from django.db import connection, models

    fields = [field for field in model._meta.local_fields if field.column != key]
    earlier = {"sqlite": "datetime({}, '-{} days')", "postgresql": "{} - interval '{} days'"}[
        connection.vendor
    ]
    columns = [
        earlier.format(f'"{field.column}"', days)
        if isinstance(field, models.DateTimeField)
        else f'"{field.column}"'
        for field in fields
    ]
    names = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {model._meta.db_table} ("{key}", {names})'
            f' SELECT "{key}" + {by}, {", ".join(columns)} FROM {model._meta.db_table} WHERE "{key}" <= {first}'
        )


def one_more(number: int) -> None:
    """A forecast of this very hour with its outcome, resolved now."""
    from core.lib.clock import floor_to, market_now
    from markets.models import Token
    from predictions.models import EngineVersion, Forecast
    from tests.make.predictions import a_forecast, an_outcome

    token = Token.objects.order_by("pk")[0]
    version = EngineVersion.objects.get(timeframe="1h", role="champion")
    as_of = floor_to(market_now(), 3600) - timedelta(hours=3 - number, minutes=15)
    newest = Forecast.objects.order_by("-pk").values_list("pk", flat=True)[0]
    made = a_forecast(token, "1h", as_of, version=version, pk=newest + 1, published=False, counts=False)
    an_outcome(made, 0, resolved_at=market_now())


def visit(path: str) -> tuple[float, int]:
    """Milliseconds and queries."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    began = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        reply = Client().get(path)
    assert reply.status_code == 200, (path, reply.status_code)
    return (time.perf_counter() - began) * 1000, len(queries)


def measured(outcomes: int, embedded: bool) -> tuple[int, Figures]:
    with Scratch(embedded=embedded):
        from django.conf import settings
        from django.db import connection

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        Path(settings.STATIC_ROOT).mkdir()
        made = make_world(outcomes)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        visit("/definitions")
        found: Figures = {}
        for number, path in enumerate(PAGES):
            first, queries = visit(path)
            again, _ = visit(path)
            one_more(number % 3) if number < 3 else None
            fresh, _ = visit(path)
            found[path] = {"first": first, "again": again, "new outcome": fresh, "queries": queries}
        return made, found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--outcomes", type=int, default=1_000_000)
    parser.add_argument("--sqlite", action="store_true", help="the embedded form")
    options = parser.parse_args()
    with get_context("spawn").Pool(1) as child:
        made, found = child.apply(measured, (options.outcomes, options.sqlite))
    rows = [(path, *(f"{value:.0f}" for value in figures.values())) for path, figures in found.items()]
    columns = ("page", "first, ms", "again, ms", "new outcome, ms", "queries")
    print_table(
        f"The record of {made:,} outcomes, {'SQLite' if options.sqlite else 'PostgreSQL'}", columns, rows
    )
    keep("track_record", {"outcomes": made, "sqlite": options.sqlite, "pages": found})
    slowest = max(figures["new outcome"] for figures in found.values())
    print(
        f"\n  {'reached' if slowest <= 500 else 'MISSED'}: 500 ms after a new outcome; the slowest took {slowest:.0f}"
    )


if __name__ == "__main__":
    main()
