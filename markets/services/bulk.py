"""Many rows in one statement: unnest on PostgreSQL, one prepared statement on SQLite; both know conflicts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

Row = Sequence[Any]
AT_ONCE = 5000
"""Rows of one statement."""


def insert_all(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows that are new. `fields` are all of the table's but a key that it counts itself: nothing is filled in.
    Values are checked as a model's are on saving. Ten times as quick as `bulk_create`, but for a handful of rows.
    """
    ready = prepared(model, fields, rows)
    for start in range(0, len(ready), AT_ONCE):
        _write(model, fields, ready[start : start + AT_ONCE], "")


def prepared(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> list[Row]:
    """As the database takes them, for columns whose values it does not know by themselves (amounts, ids on SQLite)."""
    given = list(rows)
    if not given:
        return []
    here = connections[DEFAULT_DB_ALIAS]  # `connection` looks this up for every attribute of every value
    ready = []
    for name, column in zip(fields, zip(*given, strict=True), strict=True):
        prepare, first = _field(model, name).get_db_prep_save, column[0]
        if all(value is first for value in column):
            ready.append([prepare(first, here)] * len(column))
        else:
            ready.append([prepare(value, here) for value in column])
    return list(zip(*ready, strict=True))


def insert_missing(model: type[models.Model], fields: Sequence[str], rows: Sequence[Row]) -> None:
    """Add the rows whose key is new; those that are there stay as they are."""
    _write(model, fields, rows, "ON CONFLICT DO NOTHING")


def upsert_newer(
    model: type[models.Model], fields: Sequence[str], rows: Sequence[Row], *, key: str, newer_by: str
) -> None:
    """Add or overwrite, but only by rows whose `newer_by` is later than what is there."""
    columns = [_column(model, name) for name in fields]
    key, newer_by = _column(model, key), _column(model, newer_by)
    values = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name != key)
    table = model._meta.db_table
    newer = f'"{table}"."{newer_by}" < excluded."{newer_by}"'
    _write(model, fields, rows, f'ON CONFLICT ("{key}") DO UPDATE SET {values} WHERE {newer}')


def update_existing(
    model: type[models.Model], fields: Sequence[str], rows: Sequence[Row], *, key: str
) -> None:
    """Overwrite columns of rows that are there; `fields` name the key too."""
    if not rows:
        return
    columns = {name: _column(model, name) for name in fields}
    table, row_key = model._meta.db_table, columns[key]
    changed = [column for name, column in columns.items() if name != key]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{_type(model, name)}[]" for name in fields)
            names = ", ".join(f'"{column}"' for column in columns.values())
            values = ", ".join(f'"{column}" = given."{column}"' for column in changed)
            # as in `_write`: only names of tables and columns are in the text
            statement = (
                f'UPDATE "{table}" SET {values} FROM unnest({arrays}) AS given({names})'  # noqa: S608
                f' WHERE "{table}"."{row_key}" = given."{row_key}"'
            )
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        else:
            places = ", ".join(f'"{column}" = %s' for column in changed)
            key_at = list(columns).index(key)
            turned = [[*row[:key_at], *row[key_at + 1 :], row[key_at]] for row in map(_plain, rows)]
            cursor.executemany(f'UPDATE "{table}" SET {places} WHERE "{row_key}" = %s', turned)  # noqa: S608


def _write(model: type[models.Model], fields: Sequence[str], rows: Sequence[Row], on_conflict: str) -> None:
    if not rows:
        return
    columns = ", ".join(f'"{_column(model, name)}"' for name in fields)
    into = f'INSERT INTO "{model._meta.db_table}" ({columns})'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{_type(model, name)}[]" for name in fields)
            # names of tables and columns only, taken from the models: no value is in the text
            statement = f"{into} SELECT * FROM unnest({arrays}) {on_conflict}"  # noqa: S608
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"{into} VALUES ({places}) {on_conflict}", [_plain(row) for row in rows])


def _column(model: type[models.Model], name: str) -> str:
    return str(_field(model, name).column)


def _type(model: type[models.Model], name: str) -> str:
    field = _field(model, name)
    return str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection))


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", model._meta.get_field(name))


def _plain(row: Row) -> Row:
    """SQLite keeps moments as UTC text; a row that holds text already passes as it is."""
    if not any(isinstance(value, datetime) for value in row):
        return row
    adapt = connection.ops.adapt_datetimefield_value
    return [adapt(value) if isinstance(value, datetime) else value for value in row]
