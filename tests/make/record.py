"""Tests whose transactions are real must empty the append-only tables afterwards, which the database refuses.

`emptying_lifts_the_triggers` lets Django's own emptying, and nothing else, lift the triggers and put them
back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

_MIGRATIONS = "predictions.migrations."


@contextmanager
def lift_triggers() -> Iterator[None]:
    """Inside, the record, its chain and the audit log may be changed and deleted."""
    first = import_module(_MIGRATIONS + "0002_refuse_changes_of_the_record")
    second = import_module(_MIGRATIONS + "0005_refuse_changes_of_the_chain")
    audit = import_module("accounts.migrations.0004_refuse_changes_of_the_audit_log")
    tables = (*second.OLD, *second.NEW)
    with connection.schema_editor() as editor:
        first.allow(tables, editor)
        audit.allow(None, editor)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            first.refuse(tables, editor)
            audit.refuse(None, editor)


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


@contextmanager
def behind_the_back() -> Iterator[CursorWrapper]:
    """What somebody with the database's own rights can do: inside, nothing refuses, not even a foreign key.

    Unlike `lift_triggers` it works inside a test's transaction, and all that was done is undone at the end.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        yield cursor
        transaction.set_rollback(True)
