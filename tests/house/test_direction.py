"""What imports do not show: foreign keys and migrations point the same way as the imports."""

from django.apps import apps
from django.db.migrations.loader import MigrationLoader

ORDER = ["core", "accounts", "markets", "predictions", "portfolios", "alerts", "khalsi"]


def rank(label: str) -> int:
    return ORDER.index(label) if label in ORDER else -1


def test_foreign_keys_point_down():
    upward = [
        f"{model._meta.label}.{field.name}"
        for label in ORDER
        if apps.is_installed(label)
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is not None
        if rank(field.related_model._meta.app_label) > rank(label)
    ]
    assert upward == []


def test_migrations_depend_downwards():
    upward = [
        (key, dependency)
        for key, migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items()
        for dependency in migration.dependencies
        if key[0] in ORDER and rank(dependency[0]) > rank(key[0])
    ]
    assert upward == []
