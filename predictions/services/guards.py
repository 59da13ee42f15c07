"""Whether the database itself still refuses changes of the record (see the migrations that made it do so)."""

from django.db import connection

GUARDED = (
    "predictions_forecast",
    "predictions_outcome",
    "predictions_recordlink",
    "predictions_momentinputs",
)
_POSTGRESQL = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


def unguarded_tables() -> list[str]:
    """Tables of the record whose triggers were dropped or switched off."""
    on_postgresql = connection.vendor == "postgresql"
    wanted = ("append_only", "no_truncate") if on_postgresql else ("no_update", "no_delete")
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL if on_postgresql else _SQLITE)
        there = {name for (name,) in cursor.fetchall()}
    return [table for table in GUARDED if not {f"{table}_{kind}" for kind in wanted} <= there]
