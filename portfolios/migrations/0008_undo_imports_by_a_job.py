"""A state for imports that are being undone, and an index by which staff read the newest transactions: building it locks
writing to the table for some seconds a million rows.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portfolios', '0007_stablecoins_of_a_connection'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='importbatch',
            options={'verbose_name': 'import'},
        ),
        migrations.AlterField(
            model_name='importbatch',
            name='state',
            field=models.CharField(choices=[('checking', 'Being checked'), ('ready', 'Waiting for your word'), ('running', 'Being imported'), ('done', 'Imported'), ('failed', 'Failed'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='checking', max_length=8),
        ),
        migrations.AddIndex(
            model_name='transaction',
            index=models.Index(fields=['changed_at'], name='transactions_by_change'),
        ),
    ]
