from django.db import migrations

FILL = """
UPDATE markets_latestquote
SET market_observed_at = observed_at, market_source = source, market_price_usd = price_usd, kept_at = observed_at
WHERE market_observed_at IS NULL
"""


class Migration(migrations.Migration):
    """Until now every quote came from a poll."""

    dependencies = [("markets", "0003_live_stream")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
