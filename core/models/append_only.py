"""Tables whose rows the database itself refuses to change or delete, on both vendors, for migrations to call.

PostgreSQL's TRUNCATE is refused too. Tests that must empty such tables lift the triggers themselves.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

_PG_FUNCTION = """
CREATE OR REPLACE FUNCTION khalsi_refuse_change_of_log() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'this table is append-only: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END;
$$ LANGUAGE plpgsql;
"""


def refuse_changes(tables: Iterable[str], schema_editor: Any) -> None:
    run = partial(schema_editor.execute, params=None)  # the function body holds percent signs
    if schema_editor.connection.vendor == "postgresql":
        run(_PG_FUNCTION)
    for table in tables:
        for statement in _triggers(table, schema_editor.connection.vendor):
            run(statement)


def allow_changes(tables: Iterable[str], schema_editor: Any) -> None:
    run = partial(schema_editor.execute, params=None)
    for table in tables:
        if schema_editor.connection.vendor == "postgresql":
            run(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
            run(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
        else:
            run(f"DROP TRIGGER IF EXISTS {table}_no_update")
            run(f"DROP TRIGGER IF EXISTS {table}_no_delete")


def _triggers(table: str, vendor: str) -> list[str]:
    if vendor == "postgresql":
        call = "EXECUTE FUNCTION khalsi_refuse_change_of_log()"
        return [
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN"
        f" SELECT RAISE(ABORT, 'this table is append-only: {verb} of {table} refused'); END"
        for verb in ("UPDATE", "DELETE")
    ]
