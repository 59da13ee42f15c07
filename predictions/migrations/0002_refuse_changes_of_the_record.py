"""Forecasts and outcomes are written once: the database itself refuses updates and deletions, on both vendors.

PostgreSQL's TRUNCATE is refused too. Tests that must empty the tables lift the triggers themselves.
"""

from functools import partial

from django.db import migrations

TABLES = ("predictions_forecast", "predictions_outcome")

_PG_FUNCTION = """
CREATE OR REPLACE FUNCTION khalsi_refuse_change() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % of % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
$$ LANGUAGE plpgsql;
"""


def refuse_changes(apps, schema_editor):
    refuse(TABLES, schema_editor)


def allow_changes(apps, schema_editor):
    allow(TABLES, schema_editor)


def refuse(tables, schema_editor):
    """Later migrations, too, make their tables append-only by this."""
    run = partial(schema_editor.execute, params=None)  # the function body holds percent signs
    if schema_editor.connection.vendor == "postgresql":
        run(_PG_FUNCTION)
        for table in tables:
            run(f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION khalsi_refuse_change()")
            run(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION khalsi_refuse_change()")
        return
    for table in tables:
        for verb in ("UPDATE", "DELETE"):
            run(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN"
                f" SELECT RAISE(ABORT, 'the record is append-only: {verb} of {table} refused'); END")


def allow(tables, schema_editor):
    run = partial(schema_editor.execute, params=None)  # the function body holds percent signs
    for table in tables:
        if schema_editor.connection.vendor == "postgresql":
            run(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
            run(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
        else:
            run(f"DROP TRIGGER IF EXISTS {table}_no_update")
            run(f"DROP TRIGGER IF EXISTS {table}_no_delete")


class Migration(migrations.Migration):
    dependencies = [("predictions", "0001_first_tables")]
    operations = [migrations.RunPython(refuse_changes, allow_changes)]
