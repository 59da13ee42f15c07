"""What happened stays written: the database itself refuses updates and deletions of audit entries."""

from django.db import migrations

from core.models.append_only import allow_changes, refuse_changes

TABLES = ("accounts_auditentry",)


def refuse(apps, schema_editor):
    refuse_changes(TABLES, schema_editor)


def allow(apps, schema_editor):
    allow_changes(TABLES, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_audit_log")]
    operations = [migrations.RunPython(refuse, allow)]
