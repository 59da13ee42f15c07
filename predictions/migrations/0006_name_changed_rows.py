"""Links keep a short digest of each row, so that a check can name the row that was changed behind the database's back.

The table is guarded anew: SQLite lays it anew for the column, and drops its triggers with the old one.
"""

from importlib import import_module

from django.db import migrations, models

_first = import_module("predictions.migrations.0002_refuse_changes_of_the_record")
TABLES = ("predictions_recordlink",)


def allow_changes(apps, schema_editor):
    _first.allow(TABLES, schema_editor)


def refuse_changes(apps, schema_editor):
    _first.refuse(TABLES, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("predictions", "0005_refuse_changes_of_the_chain")]
    operations = [
        migrations.RunPython(allow_changes, refuse_changes),
        migrations.AddField(
            model_name="recordlink",
            name="row_digests",
            field=models.BinaryField(default=b"", help_text="In the order of the written form."),
        ),
        migrations.RunPython(refuse_changes, allow_changes),
    ]
