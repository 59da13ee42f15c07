from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_api_keys")]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                fields=["account_id", "address"],
                condition=models.Q(action__in=["logged_in", "password_changed"]),
                name="audit_of_places",
            ),
        ),
    ]
