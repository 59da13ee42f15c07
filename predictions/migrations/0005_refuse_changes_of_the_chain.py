"""Links of the chain and stored inputs are written once, as forecasts and outcomes are.

The latter are guarded anew: SQLite lays a table anew when it gets such columns, and drops its triggers with the old one.
"""

from importlib import import_module

from django.db import migrations

_first = import_module("predictions.migrations.0002_refuse_changes_of_the_record")
OLD, NEW = _first.TABLES, ("predictions_recordlink", "predictions_momentinputs")


def refuse_changes(apps, schema_editor):
    _first.allow(OLD, schema_editor)
    _first.refuse((*OLD, *NEW), schema_editor)


def allow_changes(apps, schema_editor):
    _first.allow(NEW, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0004_chain_inputs_registry")]
    operations = [migrations.RunPython(refuse_changes, allow_changes)]
