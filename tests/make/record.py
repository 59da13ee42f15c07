"""Tests whose transactions are real must empty the append-only tables afterwards, which the database refuses.

`emptying_lifts_the_triggers` lets Django's own emptying, and nothing else, lift the triggers and put them
back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.db import connection
from django.test import TransactionTestCase

_MIGRATION = "predictions.migrations.0002_refuse_changes_of_the_record"


@contextmanager
def lift_triggers() -> Iterator[None]:
    """Inside, forecasts and outcomes may be changed and deleted."""
    migration = import_module(_MIGRATION)
    with connection.schema_editor() as editor:
        migration.allow_changes(None, editor)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            migration.refuse_changes(None, editor)


@contextmanager
def emptying_lifts_the_triggers() -> Iterator[None]:
    emptying = TransactionTestCase._fixture_teardown

    def lifted(case: Any) -> None:
        with lift_triggers():
            emptying(case)

    TransactionTestCase._fixture_teardown = lifted
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = emptying
