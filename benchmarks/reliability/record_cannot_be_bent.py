"""Promise 22: the database refuses every edit of record and audit log, and what is done behind its back is named.

`python -m benchmarks.reliability.record_cannot_be_bent` (`--sqlite`, `--rows 10`, `--seed`): every kind of statement
against every guarded table; then so many rows of forecasts and outcomes, drawn at random, are altered with the triggers
switched off, and `manage.py verify_record` has to name all of them, and nothing before.
"""

import argparse
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import nextafter
from typing import Any

from benchmarks.forecast_run import last_midnight, make_world
from benchmarks.report import keep, print_table
from benchmarks.scratch import ROOT, Scratch

GUARDED = (
    "predictions_forecast", "predictions_outcome", "predictions_recordlink", "predictions_momentinputs",
    "accounts_auditentry",
)  # fmt: skip
HOURS = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--rows", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    with Scratch(embedded=asked.sqlite):
        _make_a_record()
        untouched = _verify()
        tried, refused = _edits()
        after = _verify()
        rng = random.Random(asked.seed)
        with _triggers_off():
            altered = _alter(rng, asked.rows)
        said = _verify()
    named = [row for row in altered if re.search(rf"\(number {row[1]}\)", said.stdout)]
    rows = [
        ("statements that edit what is guarded", tried, refused),
        (
            "verify_record before, and after these (its code)",
            "0, 0",
            f"{untouched.returncode}, {after.returncode}",
        ),
        ("rows altered behind its back, and named", len(altered), len(named)),
        ("verify_record then (its code)", 1, said.returncode),
    ]
    database = "SQLite" if asked.sqlite else "PostgreSQL"
    print_table(f"The record on {database}, seed {asked.seed}", ("what", "promised", "reached"), rows)
    for table, key, column in altered:
        print(f"  {'named' if (table, key, column) in named else 'MISSED'} {table} {key}: {column}")
    keep("record_cannot_be_bent", {"database": database, "seed": asked.seed, "rows": rows})
    codes = (untouched.returncode, after.returncode, said.returncode)
    sys.exit(not (tried == refused and len(named) == len(altered) and codes == (0, 0, 1)))


def _make_a_record() -> None:
    """Some hours of forecasts with their outcomes, and a line in the log."""
    from accounts.services.audit import Action, record
    from core.lib.clock import wall_now
    from predictions.services.forecasting import make_forecasts
    from predictions.services.scoring import score_matured

    make_world(5, days=60)
    for back in range(HOURS, 0, -1):
        as_of = last_midnight() - timedelta(hours=back)
        make_forecasts(as_of, as_of + timedelta(seconds=30), ["15m", "1h"])
    score_matured(last_midnight())
    record(Action.LOGGED_IN, account_id=None, now=wall_now())


def _edits() -> tuple[int, int]:
    """How many statements were tried, and how many the database refused."""
    from django.db import DatabaseError, connection, transaction

    tried = refused = 0
    for table in GUARDED:
        for statement in _statements(table, connection.vendor):
            tried += 1
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
                    print(f"  NOT REFUSED: {statement}")
                    transaction.set_rollback(True)
            except DatabaseError:
                refused += 1
    return tried, refused


def _statements(table: str, vendor: str) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 1")
        columns = [column[0] for column in cursor.description]
        key = columns[0]
    changes = [f"UPDATE {table} SET {column} = {column}" for column in columns]
    copied = f"INTO {table} SELECT * FROM {table} LIMIT 1"
    own = [
        f"TRUNCATE {table} CASCADE",
        f"INSERT {copied} ON CONFLICT ({key}) DO UPDATE SET {key} = EXCLUDED.{key}",
    ]
    return [*changes, f"DELETE FROM {table}", *(own if vendor == "postgresql" else [f"REPLACE {copied}"])]


@contextmanager
def _triggers_off() -> Iterator[None]:
    """What whoever owns the database can do."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in triggers:
            cursor.execute(sql)


def _alter(rng: random.Random, count: int) -> list[tuple[str, int, str]]:
    """Table, key and column of rows that now say something else, each by the least that there is."""
    from predictions.models import Forecast, Outcome

    rows = [
        (model, key) for model in (Forecast, Outcome) for key in model.objects.values_list("pk", flat=True)
    ]
    altered = []
    for model, key in rng.sample(rows, count):
        row = model.objects.get(pk=key)
        values = {
            field.attname: _other(getattr(row, field.attname))
            for field in model._meta.concrete_fields
            if not field.primary_key and not field.is_relation
        }
        columns = [name for name, value in values.items() if value is not None]
        rng.shuffle(columns)
        column = next(name for name in columns if _altered(model, key, name, values[name]))
        altered.append((model._meta.db_table, key, column))
    return altered


def _altered(model: Any, key: int, column: str, value: Any) -> bool:
    """False where even now the table's own rules refuse it, such as a void outcome with a score."""
    from django.db import IntegrityError, transaction

    try:
        with transaction.atomic():
            return bool(model._base_manager.filter(pk=key).update(**{column: value}) == 1)
    except IntegrityError:
        return False


def _other(value: Any) -> Any:
    """The nearest value that is another; None where there is none to be had of this kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return nextafter(value, 1e12)
    if isinstance(value, int):
        return value + 1
    return value + timedelta(microseconds=1) if hasattr(value, "microsecond") else None


def _verify() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), "verify_record"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    main()
